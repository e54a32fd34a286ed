"""Catalogues as files: the template for translators (.pot), and each language's own (.po), kept up to date."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, unescape, write_po

from engine.render.texts.extract import Text
from engine.render.texts.keys import key_of

# The header belongs to the translators and their programs, so it stays as it was to the letter.
_HEADER = re.compile(r'\A(?:#(?!,)[^\n]*\n|\n)*(?:#,[^\n]*\n)?msgid ""\nmsgstr ""\n(?:"[^\n]*"\n)*')
_PREVIOUS = re.compile(r'\| msgid(?:_plural)? (".*")')
_LINES = ("MIME-Version: 1.0", "Content-Type: text/plain; charset=UTF-8", "Content-Transfer-Encoding: 8bit")


@dataclass(frozen=True, slots=True)
class Updated:
    """A language's file as it should be, and how many of its texts are what."""

    text: str
    texts: int
    new: int
    fuzzy: int
    empty: int
    obsolete: int


def template(texts: Iterable[Text]) -> str:
    """The .pot of `texts`: the same texts always give the same file."""
    catalogue = _catalogue(texts)
    return _written(catalogue, "# What is to be translated.\n" + _header([]))


def updated(before: str, locale: str, texts: Iterable[Text], elsewhere: Iterable[str] = ()) -> Updated:
    """The .po of `locale`, `before` ('' for a new language) brought up to what the templates say.

    A text that changed a little keeps its translation, marked fuzzy: it is not used until somebody has looked. What is
    said no more stays at the end as obsolete, and comes back when it is said again. `elsewhere` are the keys of texts
    that are translated in a file behind this one and need not stand here too.
    Raises PoFileError or ValueError for what is no catalogue, babel.UnknownLocaleError for what is no language.
    """
    catalogue = read_po(io.StringIO(before), locale=Locale.parse(locale), abort_invalid=True)
    known = {_key(message) for message in catalogue if message.id}
    elsewhere = set(elsewhere) - known
    wanted = [text for text in texts if text.key not in elsewhere]
    _revive(catalogue, {text.key for text in wanted})
    previous = _previous(catalogue)
    catalogue.update(_catalogue(wanted), update_creation_date=False)
    for message in catalogue:
        if message.id and message.fuzzy and not message.previous_id:
            message.previous_id = previous.get(_key(message), [])
    for key, message in list(catalogue.obsolete.items()):
        if message.fuzzy:  # once it is obsolete the mark is lost, and it would come back as if it were sure
            del catalogue.obsolete[key]
    header = _HEADER.match(before)
    messages = [message for message in catalogue if message.id]
    return Updated(
        _written(catalogue, header[0] if header else _new_header(locale, catalogue)),
        texts=len(messages),
        new=sum(_key(message) not in known for message in messages),
        fuzzy=sum(message.fuzzy for message in messages),
        empty=sum(not _whole(message) for message in messages),
        obsolete=len(catalogue.obsolete),
    )


def compiled(text: str, locale: str) -> tuple[bytes, int]:
    """The .mo of a .po, and how many texts it has: what is fuzzy, or lacks a plural form, is left out.

    Raises PoFileError, ValueError.
    """
    catalogue = read_po(io.StringIO(text), locale=Locale.parse(locale), abort_invalid=True)
    for message in catalogue:
        if message.id and not _whole(message):
            message.string = ""
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue(), sum(bool(m.id and m.string and not m.fuzzy) for m in catalogue)


def _catalogue(texts: Iterable[Text]) -> Catalog:
    catalogue = Catalog()
    for text in texts:
        catalogue.add(
            (text.one, text.many) if text.many else text.one,
            locations=text.places,
            auto_comments=text.notes,
            context=text.context or None,
        )
    return catalogue


def _key(message: Message) -> str:
    return key_of(message.id if isinstance(message.id, str) else message.id[0], message.context)


def _whole(message: Message) -> bool:
    """Whether it has a translation, with all plural forms."""
    forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))
    return all(forms)


def _revive(catalogue: Catalog, wanted: set[str]) -> None:
    for key, message in list(catalogue.obsolete.items()):
        if _key(message) in wanted and message.id not in catalogue:
            del catalogue.obsolete[key]
            catalogue[message.id] = message


def _previous(catalogue: Catalog) -> dict[str, list[str]]:
    """What fuzzy translations were made for, by key: Babel writes it, reads it as a comment, and then forgets it."""
    found = {}
    for message in (*catalogue, *catalogue.obsolete.values()):
        if message.fuzzy and message.id:
            before = [match[1] for note in message.user_comments if (match := _PREVIOUS.fullmatch(note))]
            found[_key(message)] = [unescape(each) for each in before]
        message.user_comments = [note for note in message.user_comments if not note.startswith("| ")]
    return found


def _header(more: list[str]) -> str:
    return 'msgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in (*more, *_LINES))


def _new_header(locale: str, catalogue: Catalog) -> str:
    name = Locale.parse(locale).english_name
    header = _header([f"Language: {locale}"]) + f'"Plural-Forms: {catalogue.plural_forms}\\n"\n'
    return f"# {name}. %(names)s in a text stay as they are.\n{header}"


def _written(catalogue: Catalog, header: str) -> str:
    out = io.BytesIO()
    write_po(out, catalogue, width=0, omit_header=True, include_previous=True)
    body = out.getvalue().decode().strip("\n")
    return header.rstrip("\n") + "\n" + (f"\n{body}\n" if body else "")


__all__ = ["PoFileError", "Updated", "compiled", "template", "updated"]
