"""The e-mail layout, turned from MJML into HTML once per language instead of once per message.

What depends on the brand alone is filled in first; every other Jinja tag travels through the MJML
compiler as an opaque word and comes back on the other side, where the result is an ordinary Jinja
template that only has to be filled.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from itertools import count
from typing import Any

from engine.render.text import clean

_TAG = re.compile(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_VALUE = re.compile(r"\{\{-?\s*([\w.]+)\s*-?\}\}")
_OWN = re.compile(r"\{%(?:(?!%\}).)*\bbrand\b", re.DOTALL)  # a tag that may give the name another meaning
_WORD = "jinja{}{:04d}tag"
# A brace in a text of the brand must not begin a tag of the layout.
_BRACES = {ord("{"): "&#123;", ord("}"): "&#125;"}
_KNOWN = frozenset(
    [
        "mjml",
        "mj-head",
        "mj-body",
        "mj-attributes",
        "mj-all",
        "mj-class",
        "mj-breakpoint",
        "mj-font",
        "mj-html-attributes",
        "mj-selector",
        "mj-html-attribute",
        "mj-preview",
        "mj-style",
        "mj-title",
        "mj-accordion",
        "mj-accordion-element",
        "mj-accordion-title",
        "mj-accordion-text",
        "mj-button",
        "mj-carousel",
        "mj-carousel-image",
        "mj-column",
        "mj-divider",
        "mj-group",
        "mj-hero",
        "mj-image",
        "mj-navbar",
        "mj-navbar-link",
        "mj-raw",
        "mj-section",
        "mj-social",
        "mj-social-element",
        "mj-spacer",
        "mj-table",
        "mj-text",
        "mj-wrapper",
    ]
)


class BadLayout(Exception):
    """`line` of the layout (1 when it is not known) and what is wrong there."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(line, reason)
        self.line = line
        self.reason = reason


def compile_layout(source: str, known: Mapping[str, Any]) -> str:
    """The HTML of an MJML layout, its Jinja tags in place but for the values that `known` has ({"brand": ...}).

    Raises BadLayout.
    """
    tags: list[tuple[str, int]] = []

    def hide(match: re.Match[str]) -> str:
        tag = match[0]
        if tag.startswith("{#"):
            return "\n" * tag.count("\n")
        value = _look_up(tag, known)
        if value is not None:
            return value
        tags.append((tag, source.count("\n", 0, match.start()) + 1))
        return _WORD.format(mark, len(tags) - 1)

    mark = _unused(f"{source}{known}")
    hidden = _TAG.sub(hide, source)
    _known_tags_only(hidden)
    html = _to_html(hidden)
    for number, (tag, line) in enumerate(tags):
        word = _WORD.format(mark, number)
        found = html.count(word)
        if not found:
            raise BadLayout(line, f"'{tag}' stands where MJML drops text: put it into <mj-text> or <mj-raw>.")
        if found > 1 and tag.startswith("{%"):
            raise BadLayout(line, f"'{tag}' stands where MJML repeats text: use a value ({{{{ }}}}) there.")
        html = html.replace(word, tag)
    return html


def filled_in(source: str, brand: Mapping[str, Any]) -> str:
    """A template for markup with the texts of the brand in place of the tags that only name them, where `brand` can
    mean nothing else."""
    if "raw" in source or _OWN.search(source):
        return source
    known = {"brand": brand}

    def fill(tag: re.Match[str]) -> str:
        value = _look_up(tag[0], known) if "-" not in tag[0] else None  # a dash takes the blanks beside it away
        return value if value is not None and value.isprintable() else tag[0]  # all that follows keeps its line

    return _TAG.sub(fill, source)


def _look_up(tag: str, known: Mapping[str, Any]) -> str | None:
    """The escaped value of `{{ brand.colours.text }}`, None when the tag is more than that or has no value yet."""
    found = _VALUE.fullmatch(tag)
    value: Any = known
    for name in found[1].split(".") if found else ():
        value = value.get(name) if isinstance(value, Mapping) else None
    return escape(clean(value)).translate(_BRACES) if isinstance(value, str) and value else None


def _unused(text: str) -> str:
    """A short word that `text` does not have, to tell the opaque words from everybody else's."""
    return next(word for number in count() if f"jinja{(word := format(number, 'x'))}" not in text)


def _known_tags_only(source: str) -> None:
    for match in re.finditer(r"<(mj-?[\w-]*)", source):
        if match[1] not in _KNOWN:
            line = source.count("\n", 0, match.start()) + 1
            raise BadLayout(line, f"<{match[1]}> is not an MJML tag, and it would be dropped in silence.")


def _to_html(mjml: str) -> str:
    from xml.parsers import expat

    import mrml

    parser = expat.ParserCreate()
    try:
        # The compiler takes broken nesting in silence or without a line, so XML is checked first.
        parser.Parse(re.sub(r"&[a-zA-Z]+;", "&#32;", mjml), True)
        return str(mrml.to_html(mjml).content)
    except expat.ExpatError as fault:
        raise BadLayout(fault.lineno, f"this is not well-formed: {expat.errors.messages[fault.code]}.") from fault
    except OSError as fault:
        stray = re.search(r"unexpected token in root template at position (\d+):", str(fault))
        if stray:
            line = mjml.encode()[: int(stray[1])].count(b"\n") + 1
            reason = "a text or a Jinja tag stands between MJML tags: put it into <mj-text> or <mj-raw>."
            raise BadLayout(line, reason) from fault
        raise BadLayout(1, f"MJML cannot be compiled: {fault}.") from fault
