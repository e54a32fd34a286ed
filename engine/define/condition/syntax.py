"""What to say when a line cannot be read at all: what was found, and what could stand there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.define.condition.names import nearest

if TYPE_CHECKING:
    from lark.exceptions import UnexpectedInput

_COMPARISONS = "is, is not, <, <=, >, >=, in [a, b], contains, starts with, is known or is unknown"
_KEYWORDS = frozenset(
    ("and", "or", "not", "is", "in", "contains", "starts", "with", "known", "unknown", "any", "no", "where")
) | frozenset(("segment", "mark", "at", "least", "most", "exactly", "once", "times", "last", "including", "this"))
_TAIL = ("in", "at", "exactly", "once", "including")
_INSTEAD = {
    "above": "Write '>'.",
    "over": "Write '>'.",
    "greater": "Write '>'.",
    "more": "Write '>'.",
    "below": "Write '<'.",
    "under": "Write '<'.",
    "less": "Write '<'.",
    "equals": "Write 'is'.",
    "equal": "Write 'is'.",
    "has": "Write 'contains'.",
    "includes": "Write 'contains'.",
    "begins": "Write 'starts with'.",
    "within": "Write 'in last 7d'.",
    "during": "Write 'in last 7d'.",
    "before": "Write '<'.",
    "after": "Write '>'.",
    "between": "Write '>= a and ... <= b'.",
    "the": "Leave 'the' out.",
    "never": "Write 'no EVENT'.",
    "twice": "Write 'exactly 2 times'.",
    "&": "Write 'and'.",
    "|": "Write 'or'.",
    "!": "Write 'not ( ... )', or 'is not'.",
    "\u201c": 'Write straight quotes: "...".',
    "\u201d": 'Write straight quotes: "...".',
    "\u2018": "Write straight quotes: '...'.",
    "\u2019": "Write straight quotes: '...'.",
    '"': "These quotes are never closed.",
    "'": "These quotes are never closed.",
}


def explain(error: UnexpectedInput, text: str) -> tuple[int, int, str, str]:
    """(position, width, message, hint) of a text that the grammar refuses."""
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

    if not text.strip():
        return 0, 1, "the condition is empty", "Write for example 'customer.tier is gold'."
    position = error.pos_in_stream if isinstance(error.pos_in_stream, int) else 0
    if isinstance(error, UnexpectedToken):
        if error.token.type == "$END":
            return len(text.rstrip()), 1, f"the condition ends too early: {_wanted(error.accepts)}", ""
        found = str(error.token)
        wanted = _wanted(error.accepts)
        hint = _hint(found, text[:position].split(), error.accepts)
        return position, len(found), f"'{found}' does not fit here: {wanted}", hint
    found = text[position : position + 1]
    assert isinstance(error, UnexpectedCharacters)
    if found in _INSTEAD:
        return position, 1, f"{found} cannot be read here", _INSTEAD[found]
    return position, 1, f"'{found}' cannot be read here", 'Put text with such characters in quotes: "...".'


def _wanted(accepts: set[str]) -> str:
    if "QUOTED" in accepts:
        return 'a value is missing, such as gold, 20 or "two words"'
    if "LSQB" in accepts or accepts == {"LSQB", "LAST"}:
        return "after 'in' comes a list such as [a, b]" + (", or 'last 7d'" if "LAST" in accepts else "")
    if "ORDER" in accepts:
        return f"after a name comes a comparison ({_COMPARISONS})" + (
            ", or 'where', 'at least 2 times', 'in last 7d'" if "AT" in accepts else ""
        )
    if "_OR" in accepts or accepts <= {"$END"}:
        return "the condition is complete before it; go on with 'and' or 'or'"
    if "_TIMES" in accepts:
        return "after a number comes 'times'"
    words = {"LEAST": "'at least 2 times' or 'at most 2 times'", "LAST": "'in last 7d'", "THIS": "'including this'"}
    words |= {"WITH": "'starts with'", "COMMA": "a comma or ']'", "RPAR": "and, or, or a closing ')'"}
    for terminal, meant in words.items():
        if terminal in accepts:
            return f"write {meant}"
    return "here comes a name" if "WORD" in accepts else "it is not part of the language"


def _hint(found: str, before: list[str], accepts: set[str]) -> str:
    for written in (found, *before[-1:]):
        word = written.lower()
        if word != written and word in _KEYWORDS:
            return f"Write '{word}' in small letters."
    if found.lower() in _INSTEAD:
        return _INSTEAD[found.lower()]
    if found in _TAIL and "where" in before:
        return "More than one comparison in a 'where' stand in parentheses: 'where ( ... and ... )'."
    near = nearest(found, [each for each in (terminal.strip("_").lower() for terminal in accepts) if each in _KEYWORDS])
    if near:
        return near
    return 'Text of several words stands in quotes: "...".' if "_OR" in accepts and "ORDER" not in accepts else ""
