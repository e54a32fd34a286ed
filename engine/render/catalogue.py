"""The gettext catalogues of templates/locales, read and held against the templates they translate."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from gettext import GNUTranslations, NullTranslations

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from engine.model.problem import Place, Problem

_VARIABLE = re.compile(r"%\((\w+)\)")
_OPEN_QUOTE = re.compile(r'^\s*(?:msg\w+(?:\[\d\])?\s+)?"(?!.*"\s*$)')


@dataclass(frozen=True)
class Catalogue:
    """`texts` are the source texts it has a translation for (the singular where there are two)."""

    translations: NullTranslations
    texts: frozenset[str]


def read_catalogues(files: Mapping[str, str]) -> tuple[dict[str, Catalogue], list[Problem]]:
    """All catalogues among `files` ("locales/fr.po" -> text) by locale, and what is wrong with them.

    What a workspace does not translate itself is looked up in "locales/shared/fr.po".
    """
    found: dict[str, Catalogue] = {}
    shared: dict[str, Catalogue] = {}
    problems: list[Problem] = []
    for path in sorted(files):
        if not (path.startswith("locales/") and path.endswith(".po")):
            continue
        folder, _, locale = path.removeprefix("locales/").removesuffix(".po").rpartition("/")
        try:
            (shared if folder == "shared" else found)[locale] = _read(path, locale, files[path], problems)
        except PoFileError as fault:
            problems.append(_bad(path, (fault.lineno or 0) + 1, f"this is not gettext: {fault.args[0]}."))
        except (ValueError, LookupError, SyntaxError, UnknownLocaleError) as fault:
            problems.append(_bad(path, 1, f"this catalogue cannot be read: {fault}."))
    for locale, below in shared.items():
        own = found.get(locale)
        if own is not None:
            own.translations.add_fallback(below.translations)
        found[locale] = Catalogue(own.translations, own.texts | below.texts) if own is not None else below
    return found, problems


def _read(path: str, locale: str, text: str, problems: list[Problem]) -> Catalogue:
    Locale.parse(locale)
    for number, line in enumerate(text.splitlines(), 1):
        if _OPEN_QUOTE.search(line):
            problems.append(_bad(path, number, "this text has no closing quote."))
    catalogue = read_po(io.StringIO(text), locale=locale, abort_invalid=True)
    texts = set()
    for message in catalogue:
        if message.id and message.string and not message.fuzzy:
            texts.add(message.id if isinstance(message.id, str) else message.id[0])
            problems.extend(_bad(path, message.lineno or 1, reason) for reason in _wrong_variables(message))
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Catalogue(GNUTranslations(compiled), frozenset(texts))


def _wrong_variables(message: Message) -> Iterator[str]:
    """A translation may only name the variables of its source, and each has to end in `s`."""
    sources = [message.id] if isinstance(message.id, str) else list(message.id)
    given = {name for source in sources for name in _VARIABLE.findall(source)}
    for text in [message.string] if isinstance(message.string, str) else message.string or ():
        unknown = set(_VARIABLE.findall(text)) - given
        if unknown:
            yield f"the translation names %({min(unknown)})s, which '{sources[0]}' does not have."
        elif _VARIABLE.search(text):
            try:
                text % dict.fromkeys(given, "")
            except (TypeError, ValueError) as fault:
                yield f"the translation of '{sources[0]}' cannot be filled in ({fault}): write %(name)s, and %% for %."


def _bad(path: str, line: int, message: str) -> Problem:
    return Problem(Place(f"templates/{path}", line, 1), message, "template", "`msgfmt --check` tells more.")
