"""Messages as they look: which there are, one of them on all channels, and its template with what the checks say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.define.checks.rule import template_file
from engine.model.plan import Plan
from engine.render.parts import CHANNELS
from engine.render.preview.build import Use, View, build_one, channels_of, uses_of
from engine.render.preview.personas import Persona, personas_of
from engine.render.renderer import Renderer

MOST_LINES = 2_000

Found = Mapping[str, Any]  # one of engine.console.linting


@dataclass(frozen=True, slots=True)
class Listed:
    """A message in the list: the steps that use it, its channels, and how many problems and hints there are."""

    name: str
    uses: tuple[Use, ...]
    channels: tuple[str, ...]
    problems: int
    hints: int


@dataclass(frozen=True, slots=True)
class Previewed:
    """One message in one language for one made-up customer; `views` has one view for each of `channels`, those by
    which a step sends it before the others (`unused`)."""

    name: str
    uses: tuple[Use, ...]
    views: tuple[View, ...]
    unused: frozenset[str]
    locale: str
    locales: tuple[str, ...]
    persona: Persona
    personas: tuple[Persona, ...]
    sender: str
    brand: str


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of a template, and what the checks say of it."""

    number: int
    text: str
    found: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A template's file. `found` are those of its problems and hints that have a line, `around` what stands elsewhere
    and speaks of this message."""

    file: str
    lines: tuple[SourceLine, ...]
    found: tuple[Found, ...]
    around: tuple[Found, ...]


def listed(plan: Plan, renderer: Renderer, found: Sequence[Found]) -> list[Listed]:
    """All messages by name."""
    uses: dict[str, list[Use]] = {}
    for message, use in uses_of(plan):
        uses.setdefault(message, []).append(use)
    made = []
    for name in sorted(renderer.messages()):
        own = tuple(uses.get(name, ()))
        mine = [each for each in found if each["file"] == template_file(name)]
        hints = sum(1 for each in mine if each["level"] == "hint")
        made.append(Listed(name, own, channels_of(own), len(mine) - hints, hints))
    return made


def one(plan: Plan, renderer: Renderer, name: str, locale: str, persona: str) -> Previewed:
    """One message. A language or a customer that there is not is the first there is."""
    personas = personas_of(plan.brand)
    who = next((each for each in personas if each.name == persona), personas[0])
    spoken = locale if locale in renderer.locales else renderer.locales[0]
    shown = build_one(plan, renderer, name, spoken, who)
    brand = str(plan.brand.get("name") or "Parcours")
    return Previewed(
        name=name,
        uses=shown.uses,
        views=shown.views,
        unused=frozenset(CHANNELS) - frozenset(shown.channels),
        locale=spoken,
        locales=renderer.locales,
        persona=who,
        personas=personas,
        sender=str((plan.brand.get("sender") or {}).get("name") or brand),
        brand=brand,
    )


def template_of(name: str, sources: Mapping[str, str], found: Sequence[Found]) -> Template:
    """The template of a message, with what was found at its lines; and what was found at the steps that send it."""
    file = template_file(name)
    mine = [each for each in found if each["file"] == file]
    by_line: dict[int, list[Found]] = {}
    for each in mine:
        by_line.setdefault(each["line"], []).append(each)
    texts = sources.get(file, "").splitlines()[:MOST_LINES]
    lines = tuple(SourceLine(number, text, tuple(by_line.get(number, ()))) for number, text in enumerate(texts, 1))
    around = tuple(each for each in found if each["file"] != file and f"'{name}'" in each["message"])
    return Template(file, lines, tuple(mine), around)
