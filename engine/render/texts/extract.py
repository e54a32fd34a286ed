"""The texts of templates that a translator is given, each with where it stands and what was said about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jinja2 import TemplateSyntaxError, nodes
from jinja2.ext import extract_from_ast

from engine.model.errors import DefinitionError
from engine.model.problem import Place, Problem
from engine.render.reads import parsed
from engine.render.slips import slip
from engine.render.texts.keys import key_of

# {# Translators: ... #} right above a text, or in its line, is for whoever translates it.
_NOTE = re.compile(r"\{#-?\s*Translators?:\s*(.*?)\s*-?#\}", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Text:
    """`many` is the plural ('' for none), `context` tells two equal texts apart ('' for none).

    `places` are (file within the workspace, line), in order; `notes` what the author says to translators.
    """

    one: str
    many: str = ""
    context: str = ""
    places: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What names it in a catalogue."""
        return key_of(self.one, self.context)


def texts_of(templates: Mapping[str, str]) -> list[Text]:
    """All texts of `templates` (path under templates/ -> text), each once, as they come.

    Raises DefinitionError when a template cannot be read: its texts would seem to be gone.
    """
    found: dict[str, Text] = {}
    problems = []
    for path in sorted(path for path in templates if path.endswith(".j2")):
        try:
            tree = parsed(templates[path])
        except TemplateSyntaxError as fault:
            problems.append(unreadable(path, templates[path], fault))
            continue
        for text in _texts(path, templates[path], tree):
            other = found.setdefault(text.key, text)
            if other is not text:
                found[text.key] = _merged(other, text)
    if problems:
        raise DefinitionError(problems)
    return list(found.values())


def said(tree: nodes.Template) -> Iterator[tuple[int, Text]]:
    """(line, text) of what one template has translated, without places and notes."""
    for line, function, message in extract_from_ast(tree):
        strings = [each for each in ((message,) if isinstance(message, str) else message or ()) if each]
        context = strings.pop(0) if function.lstrip("n").startswith("pgettext") and strings else ""
        if strings:
            many = strings[1] if "ngettext" in function or "npgettext" in function else ""
            yield line, Text(strings[0], many if len(strings) > 1 else "", context)


def unreadable(path: str, text: str, fault: TemplateSyntaxError) -> Problem:
    """A template that is no Jinja, as a problem at its place."""
    line, column, width, sentence = slip(fault, text)
    lines = text.splitlines()
    source = lines[line - 1] if 0 < line <= len(lines) else ""
    return Problem(Place(f"templates/{path}", line, column), sentence, "template", "", width, source)


def _texts(path: str, source: str, tree: nodes.Template) -> Iterator[Text]:
    notes: dict[int, str] = {}
    for note in _NOTE.finditer(source):
        last = source.count("\n", 0, note.end()) + 1
        words = " ".join(note[1].split())
        notes[last] = notes[last + 1] = words
    for line, text in said(tree):
        about = (notes[line],) if line in notes else ()
        yield Text(text.one, text.many, text.context, ((f"templates/{path}", line),), about)


def _merged(one: Text, other: Text) -> Text:
    return Text(
        one.one,
        one.many or other.many,
        one.context,
        tuple(dict.fromkeys((*one.places, *other.places))),
        tuple(dict.fromkeys((*one.notes, *other.notes))),
    )
