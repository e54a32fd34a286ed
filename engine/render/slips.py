"""Slips in the writing of a template: where they are, to the column, and what to write instead of Jinja's own words."""

from __future__ import annotations

import re
from difflib import get_close_matches

from jinja2 import TemplateSyntaxError

from engine.render.faults import syntax

_TAG = re.compile(r"\{%-?\s*(\w+)")
_CLOSED = ("block", "trans", "if", "for", "macro", "call", "filter", "set", "with")
TAGS = (
    *_CLOSED,
    *(f"end{name}" for name in _CLOSED),
    "else",
    "elif",
    "extends",
    "include",
    "import",
    "from",
    "pluralize",
)
Slip = tuple[int, int, int, str]  # line, column, width, sentence


def slip(fault: TemplateSyntaxError, text: str) -> Slip:
    """Line, column (from 1), width and sentence of a template that Jinja cannot read."""
    words = fault.message or ""
    lines = text.splitlines()
    number = min(max(fault.lineno, 1), max(1, len(lines)))
    line = lines[number - 1] if lines else ""
    wanted = re.search(r"looking for '(\w+)'|following tags: (.+?)\. ", words)
    unknown = re.search(r"unknown tag '(\w+)'", words)
    if words.startswith("Unexpected end of template") and wanted is not None:
        return _unclosed(text, number, line)
    if unknown is not None:
        column, width = _tag(line, unknown[1])
        missing = re.findall(r"'(end\w+)'", words.partition("looking for")[2])
        if missing and unknown[1] in TAGS:
            return number, column, width, f"{{% {missing[-1]} %}} is missing before this {{% {unknown[1]} %}}."
        near = get_close_matches(unknown[1], TAGS, 1)
        hint = f" Did you mean {{% {near[0]} %}}?" if near else ""
        return number, column, width, f"there is no {{% {unknown[1]} %}}.{hint}"
    if "translatable sections" in words:
        column, width = _tag(line, "trans")
        return number, column, width, "{% trans %} holds text and {{ names }} only: {% endtrans %} is missing."
    filter_ = re.match(r"No filter named '(.*)'", words)
    if filter_ is not None:
        return (number, *_word(line, filter_[1]), syntax(fault))
    got = re.search(r"got '(.+)'$|^unexpected '(.+)'$|^unexpected char '(.+)' at", words)
    if got is not None:
        return _unexpected(words, number, line, got[1] or got[2] or got[3])
    opened = re.search(r"\{[{%]", line)
    return number, opened.start() + 1 if opened else 1, 2 if opened else 1, syntax(fault)


def _unexpected(words: str, number: int, line: str, sign: str) -> Slip:
    inside = re.search(r"\{%-?\s*trans\b.*?%\}", line)
    if inside is not None and "print statement" in words:
        after = re.search(r"\{\{[^}]*?([.|(\[])", line[inside.end() :])
        column = inside.end() + after.start() + 1 if after else inside.start() + 1
        said = "within {% trans %} stand plain names. Write {% trans name=customer.first_name %}... {{ name }}."
        return number, column, 2, said
    if sign in "}%" and sign:
        lone = re.search(r"(?<![}%])\}(?!\})|(?<!%)\}(?=\})(?!\}\})", line) if sign == "}" else None
        column = lone.start() + 1 if lone else _word(line, sign)[0]
        return number, column, 1, f"'{sign}' cannot stand here: '{{{{' is closed by '}}}}', and '{{%' by '%}}'."
    column, width = _word(line, sign, inside=True)
    if sign == "=" and "statement block" in words:
        return number, column, width, "'=' compares nothing here. Write '=='."
    return number, column, width, f"'{sign}' does not fit here."


def _unclosed(text: str, number: int, line: str) -> Slip:
    """The first tag that nothing closes."""
    open_: list[tuple[str, int]] = []
    for tag in _TAG.finditer(text):
        name = tag[1]
        if name in _CLOSED and not (name == "set" and "=" in text[tag.end() : text.find("%}", tag.end())]):
            open_.append((name, tag.start()))
        elif name.startswith("end"):
            at = next((i for i in reversed(range(len(open_))) if open_[i][0] == name[3:]), None)
            if at is not None:
                del open_[at]
    if not open_:
        return number, 1, 1, "the template ends too early: a tag is not closed."
    name, start = open_[0]
    row = text.count("\n", 0, start) + 1
    column = start - (text.rfind("\n", 0, start) + 1) + 1
    end = text.find("%}", start)
    width = end + 2 - start if end > 0 else 2
    return row, column, width, f"{text[start : start + width]} is never closed: {{% end{name} %}} is missing."


def _tag(line: str, name: str) -> tuple[int, int]:
    found = re.search(rf"\{{%-?\s*{re.escape(name)}\b[^%]*(?:%\}})?", line)
    return (found.start() + 1, len(found[0])) if found else _word(line, name)


def _word(line: str, word: str, *, inside: bool = False) -> tuple[int, int]:
    """Column and width of a word; `inside` of braces."""
    begin = min((at for at in (line.find("{{"), line.find("{%")) if at >= 0), default=0) if inside else 0
    at = line.find(word, begin)
    return (at + 1, len(word)) if at >= 0 else (1, 1)
