"""SVG as text: elements with escaped attributes and words, and how much room words take."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

# What XML cannot hold at all: it would break the page it stands in.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
_NARROW, _WIDE = frozenset("ijl.,:;'|!()[] frt-"), frozenset("mwMWQO@%&")
Attribute = str | float | int


def clean(text: object) -> str:
    """A text that may stand in a page: without what is no character, and without signs that turn the writing round."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", str(text))


def el(tag: str, *inside: str, **attributes: Attribute | None) -> Markup:
    """An element. Words among `inside` are escaped, markup is not; `class_` is class, `stroke_width` stroke-width."""
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    body = Markup("").join(each if isinstance(each, Markup) else escape(clean(each)) for each in inside)
    return Markup(f"<{tag}{given}>{body}</{tag}>" if inside else f"<{tag}{given}/>")  # all parts are escaped


def _value(value: Attribute) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) < 1e9 else "0"
    return str(escape(clean(value)))


def width_of(text: str, size: float = 12.0) -> float:
    """About how wide a text is, in px."""
    return sum(size * (0.4 if c in _NARROW else 1.0 if c in _WIDE or ord(c) > 0x2E80 else 0.64) for c in text)


def fitted(text: object, room: float, size: float = 12.0) -> str:
    """The text, cut off with an ellipsis where there is no room for all of it."""
    whole = " ".join(clean(text).split())
    if width_of(whole[:400], size) <= room and len(whole) <= 400:
        return whole
    found, used = "", width_of("…", size)
    for c in whole:
        used += width_of(c, size)
        if used > room:
            break
        found += c
    return found.rstrip() + "…"


def label(x: float, y: float, text: object, kind: str = "", anchor: str = "start", room: float = 0.0) -> Markup:
    """A line of words; cut off where `room` says so, and then whole in its title."""
    shown = fitted(text, room) if room else clean(text)
    whole = [el("title", clean(text))] if shown != clean(text) else []
    return el("text", *whole, shown, x=x, y=y, text_anchor=anchor, class_=kind or None)


def picture(name: str, title: str, description: str, width: float, height: float, *parts: Markup) -> Markup:
    """A whole drawing, named for those who cannot see it. `name` is unique in its page."""
    head = (el("title", title, id=f"{name}-t"), el("desc", description, id=f"{name}-d"))
    return el(
        "svg",
        *head,
        *parts,
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_labelledby=f"{name}-t",
        aria_describedby=f"{name}-d",
        class_="chart",
        width=f"{width:g}",
        height=f"{height:g}",
    )
