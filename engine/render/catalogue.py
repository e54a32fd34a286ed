"""The gettext catalogues of templates/locales, read and held against the templates they translate."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from gettext import GNUTranslations, NullTranslations, c2py

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from engine.model.problem import Place, Problem
from engine.render.text import harmful
from engine.render.texts.keys import key_of, wrong_form

_VARIABLE = re.compile(r"%\((\w+)\)")
_LEFT_OUT = "Customers of that language would not be told it. Put it in, unless that is meant."
_PLURALS = re.compile(r'nplurals\s*=\s*([^;\s"]*)\s*;\s*plural\s*=\s*([^;"]*);?')
_MOST_FORMS = 6  # Arabic has as many
_COUNTS = 200  # a rule of any language repeats itself from a hundred on
_OPEN_QUOTE = re.compile(r'^\s*(?:msg\w+(?:\[\d\])?\s+)?"(?!.*"\s*$)')


@dataclass(frozen=True)
class Catalogue:
    """`texts` are the keys of the texts it has a translation for (`key_of`; the singular where there are two).

    `unsure` says of others why what it has is not used: 'fuzzy', or 'plurals' when a form is empty. `lost` are its
    translations that leave out a variable of their source (code 'placeholder').
    """

    translations: NullTranslations
    texts: frozenset[str]
    unsure: Mapping[str, str] = field(default_factory=dict)
    lost: tuple[Problem, ...] = ()


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
            problems.append(_unread(path, files[path], fault))
        except (ValueError, LookupError, SyntaxError, UnknownLocaleError) as fault:
            problems.append(_bad(path, 1, f"this catalogue cannot be read: {fault}."))
    for locale, below in shared.items():
        own = found.get(locale)
        if own is not None:
            own.translations.add_fallback(below.translations)
        found[locale] = replace(own, texts=own.texts | below.texts) if own is not None else below
    return found, problems


def _read(path: str, locale: str, text: str, problems: list[Problem]) -> Catalogue:
    Locale.parse(locale)
    text = text.removeprefix("\ufeff")  # some editors begin every file with it
    if fault := _plural_fault(text):
        problems.append(_bad(path, *fault))
        text = _PLURALS.sub("", text)
    for number, line in enumerate(text.splitlines(), 1):
        if _OPEN_QUOTE.search(line):
            problems.append(_bad(path, number, "this text has no closing quote.", line.find('"') + 1))
    catalogue = read_po(io.StringIO(text), locale=locale, abort_invalid=True)
    texts, unsure, lost = set(), {}, []
    lines = text.splitlines()
    problems.extend(_twice(path, lines))
    for message in catalogue:
        if message.id and any(forms := _forms(message)):
            key = key_of(message.id if isinstance(message.id, str) else message.id[0], message.context)
            if message.fuzzy or not all(forms):
                unsure[key] = "fuzzy" if message.fuzzy else "plurals"
                message.string = ""
                continue
            texts.add(key)
            for name in _left_out(message):
                row, column = _where(lines, message.lineno or 1, "msgstr")
                said = f"the translation of '{key.rpartition(chr(4))[2]}' leaves out %({name})s."
                lost.append(replace(_bad(path, row, said, column, 6), code="placeholder", hint=_LEFT_OUT))
            for form in forms:
                if (at := harmful(form)) is not None:
                    said = f"the translation of '{key.rpartition(chr(4))[2]}' has the character U+{ord(form[at]):04X}, "
                    problems.append(
                        _bad(path, message.lineno or 1, said + "which nobody sees and no message may have.")
                    )
            for word, reason in _wrong_variables(message):
                row, column = _where(lines, message.lineno or 1, word)
                problems.append(_bad(path, row, reason, column))
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Catalogue(GNUTranslations(compiled), frozenset(texts), unsure, tuple(lost))


def _plural_fault(text: str) -> tuple[int, str] | None:
    """The line of a rule for plurals that chooses no form, and what is wrong with it."""
    found = _PLURALS.search(text)
    if found is None:
        return None
    line = text.count("\n", 0, found.start()) + 1
    hint = "Take the line away: the rule of the language then holds."
    forms = int(found[1]) if found[1].isdecimal() and len(found[1]) < 3 else 0
    if not 0 < forms <= _MOST_FORMS:
        return line, f"nplurals={found[1][:20]} is no number of plural forms: 1 to {_MOST_FORMS}. {hint}"
    try:
        chosen = {int(c2py(found[2])(count)) for count in range(_COUNTS)}
    except (ValueError, ArithmeticError, RecursionError) as fault:
        return line, f"this rule for plurals cannot be read: {fault}. {hint}"
    if not chosen <= set(range(forms)):
        return line, f"this rule for plurals chooses form {max(chosen)}, and there are {forms} (from 0). {hint}"
    return None


def _forms(message: Message) -> tuple[str, ...]:
    """The translation, or its plural forms."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _unread(path: str, text: str, fault: PoFileError) -> Problem:
    """What is no gettext, in words of its own."""
    lines = text.splitlines()
    number = min((fault.lineno or 0) + 1, max(1, len(lines)))
    if "missing msgstr" in str(fault.args[0]):
        last = lines[number - 2] if number > 1 and not lines[number - 1].startswith("msgid") else lines[number - 1]
        number -= last is not lines[number - 1]
        return _bad(path, number, 'this text has no translation below it. Write a line: msgstr "...".')
    word = lines[number - 1].split(" ")[0] if lines else ""
    near = get_close_matches(word, ("msgid", "msgstr", "msgid_plural", "msgctxt"), 1)
    hint = f"Did you mean '{near[0]}'?" if near else "A line begins with msgid, msgstr, a quote, or # for a comment."
    return _bad(path, number, f"'{word[:40]}' means nothing here. {hint}", width=max(1, len(word)))


def _twice(path: str, lines: list[str]) -> Iterator[Problem]:
    """A text that is translated two times: the last one would win, and nobody knows."""
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if line.startswith('msgid "') and line.rstrip() != 'msgid ""' and not lines[number - 2].startswith("msgctxt"):
            if line.rstrip() in seen:
                said = f"this text is translated twice, first at line {seen[line.rstrip()]}. Keep one of the two."
                yield _bad(path, number, said, 7, len(line.rstrip()) - 6)
            seen.setdefault(line.rstrip(), number)


def _where(lines: list[str], number: int, word: str) -> tuple[int, int]:
    """Line and column of `word` in the translation of the text at line `number`."""
    translated = False
    for row in range(number - 1, len(lines)):
        translated = translated or lines[row].startswith("msgstr")
        if row > number - 1 and lines[row].startswith("msgid "):
            break
        if translated and word in lines[row]:
            return row + 1, lines[row].find(word) + 1
    return number, 1


def _wrong_variables(message: Message) -> Iterator[tuple[str, str]]:
    """A translation may only name the variables of its source, and each has to end in `s`."""
    sources = [message.id] if isinstance(message.id, str) else list(message.id)
    given = {name for source in sources for name in _VARIABLE.findall(source)}
    for text in [message.string] if isinstance(message.string, str) else message.string or ():
        unknown = set(_VARIABLE.findall(text)) - given
        if unknown:
            hint = f"Write %({min(given)})s." if len(given) == 1 else ""
            said = f"the translation names %({min(unknown)})s, which '{sources[0]}' does not have. {hint}"
            yield f"%({min(unknown)})", said.strip()
        elif _VARIABLE.search(text) and (wrong := wrong_form(text)):
            said = (
                f"the translation of '{sources[0]}' cannot be filled in ('{wrong[:40]}'): write %(name)s, and %% for %."
            )
            yield wrong, said


def _left_out(message: Message) -> list[str]:
    """Variables of the source that no form of the translation has: `n` may be missing in one form, not in all."""
    sources = (message.id,) if isinstance(message.id, str) else message.id
    given = {name for source in sources for name in _VARIABLE.findall(source)}
    return sorted(given - {name for text in _forms(message) for name in _VARIABLE.findall(text)})


def _bad(path: str, line: int, message: str, column: int = 1, width: int = 1) -> Problem:
    return Problem(Place(f"templates/{path}", line, column), message, "template", "", width)
