"""What is wrong with a file that is no YAML, said where the slip was made and not where the parser gave up."""

from __future__ import annotations

import re
from typing import Any

from engine.define.doc import Doc
from engine.model.problem import Place, Problem

_LIST_IN_CONDITION = re.compile(r"[\[{].*\bin\s+\[")
_KEY = re.compile(r"\s*(?:- +)?[\w.]+(?=:(?:\s|$))")
_GLUED = re.compile(r"(\s*(?:- +)?)([a-z_]+):(\S.*)$")
_TWO_WORDS = re.compile(r"(\s*(?:- +)?)([a-z_]+)\s+(\S.*)$")
INDENT = "Look at the indentation of this line and the one before it, and for a missing ':'."


def syntax(doc: Doc, fault: Any) -> Problem:
    """The problem of a YAMLError; `fault` has the parser's words and marks."""
    lines = doc.text.splitlines()
    mark = getattr(fault, "problem_mark", None) or getattr(fault, "context_mark", None)
    said = str(getattr(fault, "problem", None) or fault).strip().rstrip(".")
    context = str(getattr(fault, "context", None) or "")
    if mark is None or not lines:
        return _problem(doc, 1, 1, f"{said}.", "")
    row, column = min(mark.line, len(lines) - 1), mark.column
    begun = getattr(fault, "context_mark", None)
    at = (min(begun.line, len(lines) - 1), begun.column) if begun is not None else (row, column)
    indent = lines[row][: len(lines[row]) - len(lines[row].lstrip())]
    if "\t" in indent or "\\t" in said:
        column = max(0, lines[row].find("\t"))
        return _problem(doc, row + 1, column + 1, "a tab stands where YAML wants spaces.", "Indent with spaces.")
    if "expected a single document" in context:
        said = "a second document begins here ('---')."
        return _problem(doc, row + 1, column + 1, said, "Put each into a file of its own.")
    if (quote := _open_quote(lines[: row + 1])) is not None:
        line, where, sign = quote
        hint = "Close it at the end of the text."
        return _problem(doc, line + 1, where + 1, f"this quote {sign} is never closed.", hint)
    if "cannot start any token" in said or "alphabetic or numeric" in said:
        line, where = at if "alphabetic" in said else (row, column)
        sign = lines[line][where : where + 1]
        return _problem(doc, line + 1, where + 1, f"a text cannot begin with '{sign}'.", "Put the text in quotes.")
    if "could not find expected ':'" in said:
        return _no_colon(doc, lines, at[0])
    if "mapping values are not allowed" in said:
        return _stray_colon(doc, lines, row, column)
    if "expected '-' indicator" in said or "expected key" in said or "expected <block end>" in said:
        return _indentation(doc, lines, (row, column), at, listed="'-'" in said)
    if "',' or ']'" in said or "',' or '}'" in said:
        return _unclosed(doc, lines, (row, column), at, said)
    return _problem(doc, row + 1, column + 1, f"{said}.", "")


def _problem(doc: Doc, line: int, column: int, said: str, hint: str, width: int = 1) -> Problem:
    return Problem(Place(doc.file, line, column), f"this is not YAML: {said}", "yaml", hint, width, doc.line(line))


def _no_colon(doc: Doc, lines: list[str], row: int) -> Problem:
    """`goal order_placed`, `goal:order_placed`"""
    text = lines[row]
    glued, words = _GLUED.match(text), _TWO_WORDS.match(text)
    if glued is not None:
        before, name, rest = glued.groups()
        said, hint = "a space is missing after ':'.", f"Write '{name}: {rest.strip()}'."
        return _problem(doc, row + 1, len(before) + len(name) + 1, said, hint)
    column = len(text) - len(text.lstrip()) + 1
    hint = f"Write '{words[2]}: {words[3].strip()}'." if words is not None else INDENT
    return _problem(doc, row + 1, column, "a ':' is missing in this line.", hint, len(text.strip()))


def _stray_colon(doc: Doc, lines: list[str], row: int, column: int) -> Problem:
    """A key that stands too far to the right, or a ':' within a text."""
    text = lines[row]
    key = _KEY.match(text)
    above = next((line for line in reversed(lines[:row]) if line.strip() and not line.lstrip().startswith("#")), "")
    if key is not None and key.end() == column and _KEY.match(above):
        wanted = len(above) - len(above.lstrip(" -")) + 1
        begins = len(text) - len(text.lstrip(" -")) + 1
        said = "this line begins too far to the right." if begins > wanted else "this key cannot stand here."
        return _problem(doc, row + 1, begins, said, f"Begin it right below '{_KEY.match(above)[0].strip(' -')}'.", 3)  # type: ignore[index]
    hint = "Put the text in quotes, or the key on a line of its own."
    return _problem(doc, row + 1, column + 1, "a ':' stands where none can be.", hint)


def _indentation(doc: Doc, lines: list[str], here: tuple[int, int], begun: tuple[int, int], *, listed: bool) -> Problem:
    """A key or a step that stands neither here nor there."""
    row, column = here
    dash = re.match(r"\s*-(?=[A-Za-z_])", lines[begun[0]])
    if dash is not None:
        return _problem(doc, begun[0] + 1, dash.end(), "a space is missing after '-'.", "Write '- ' before a step.")
    text = lines[row]
    if text[column : column + 1] in ("]", "}"):
        said = f"nothing was opened that this '{text[column]}' closes."
        return _problem(doc, row + 1, column + 1, said, "Take it out.")
    own = len(text) - len(text.lstrip())
    if own != column:  # in the middle of a line: what stands before it is complete
        hint = "Put the whole text in quotes, or each key on a line of its own."
        return _problem(doc, row + 1, column + 1, "this does not belong to what stands before it.", hint)
    if listed:
        hint = f"Keys of a step stand below its verb: begin in column {begun[1] + 3}; a new step begins with '- '."
    elif text.lstrip().startswith("- "):
        hint = f"A list stands below its name; a key of line {begun[0] + 1} begins in column {begun[1] + 1}."
    else:
        hint = f"Begin in column {begun[1] + 1}, as line {begun[0] + 1} does."
    said = "this line is not indented like those it belongs to."
    return _problem(doc, row + 1, own + 1, said, hint, len(text.strip()))


def _unclosed(doc: Doc, lines: list[str], here: tuple[int, int], begun: tuple[int, int], said: str) -> Problem:
    """`via: [push, email`"""
    row, column = here
    if _LIST_IN_CONDITION.search(lines[row]):
        hint = "A condition with [ ] cannot stand inside [ ] or { }: write it on a line of its own, after '- '."
        return _problem(doc, row + 1, column + 1, f"{said}.", hint)
    if begun[0] != row:
        sign = lines[begun[0]][begun[1] : begun[1] + 1]
        hint = f"Close it with '{']' if sign == '[' else '}'}'."
        return _problem(doc, begun[0] + 1, begun[1] + 1, f"this '{sign}' is never closed.", hint)
    hint = "Close the list or the braces, or put the text in quotes."
    return _problem(doc, row + 1, column + 1, f"{said}.", hint)


def _open_quote(lines: list[str]) -> tuple[int, int, str] | None:
    """(row, column, quote) of the first value whose quote is not closed in its line."""
    for row, text in enumerate(lines):
        quote, start, before = "", 0, ":"
        for column, sign in enumerate(text):
            if quote:
                if sign == quote and not (quote == '"' and text[column - 1] == "\\"):
                    quote = ""
            elif sign in "\"'" and before in ":[{,-":
                quote, start = sign, column
            elif sign == "#" and (column == 0 or text[column - 1] == " "):
                break
            if not sign.isspace():
                before = sign
        if quote:
            return row, start, quote
    return None
