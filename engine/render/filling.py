"""Filling a template: its pieces as they come, never more than there is room for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from jinja2 import Template
from jinja2.runtime import Context

from engine.render.meter import FUEL, METER, TooMuch
from engine.render.parts import Part
from engine.render.text import one_line

# Blocks that were rendered before, by name: each gives its text and charges for what it took to make it.
Told = Mapping[str, Callable[[Context], Iterator[str]]]


def filled(template: Template, variables: dict[str, Any], part: Part, said: Told) -> str:
    """The template's output, with `said` in place of its blocks of that name. `variables` are all there are, what the
    environment knows among them. Raises TooMuch as soon as it is longer than the part may be (white space aside)."""
    pieces: list[str] = []
    one, room = part.one_line, part.limit * 2 if part.one_line else part.limit
    try:  # as `generate` does, without a generator around each piece
        context = template.new_context(variables, shared=True)
        for name, block in said.items():
            context.blocks[name] = [block]
        for piece in template.root_render_func(context):
            pieces.append(piece)
            room -= len(one_line(piece)) if one and len(piece) > 64 else len(piece)
            if room < 0:
                break
    except Exception:
        template.environment.handle_exception()
    text = "".join(pieces)
    if room < 0 or (part.one_line and len(one_line(text)) > part.limit):
        raise TooMuch(f"its {part.name} is longer than {part.limit:,} characters.")
    return text


def told(template: Template, variables: dict[str, Any], names: Iterable[str], longest: int) -> Told:
    """These blocks of a template, rendered by themselves, where they are not longer than that. What they take is not
    charged for now: they were rendered before, with all that stands around them."""
    left, amounts = METER.left, METER.amounts
    made: dict[str, Callable[[Context], Iterator[str]]] = {}
    for name in names:
        METER.left, METER.amounts = FUEL, set()
        with suppress(Exception):  # a block that nobody reaches may fail: it is left to fail where somebody does
            text = "".join(template.blocks[name](template.new_context(variables, shared=True)))
            if len(text) <= longest:
                made[name] = _told(text, FUEL - METER.left, frozenset(METER.amounts))
    METER.left, METER.amounts = left, amounts
    return made


def _told(text: str, fuel: int, amounts: frozenset[Any]) -> Callable[[Context], Iterator[str]]:
    def block(context: Context) -> Iterator[str]:
        METER.charge(fuel)
        METER.amounts |= amounts
        yield text

    return block
