"""What a rule is, and what it sees of a workspace."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from engine.define.doc import Doc, Path
from engine.define.source import read_yaml
from engine.journey.steps import BY_NAME
from engine.model.plan import Journey, Plan, Step
from engine.model.problem import Place, Problem
from engine.render.renderer import Renderer

if TYPE_CHECKING:
    from engine.define.checks.persona import Shown
    from engine.render.reads import Reads

Level = Literal["error", "hint"]


@dataclass(frozen=True, slots=True)
class Placed:
    """A compiled step and where it is written: `path` leads to it in the journey's file."""

    step: Step
    path: Path


@dataclass(frozen=True)
class Written:
    """A compiled journey with the file it comes from."""

    doc: Doc
    journey: Journey

    @cached_property
    def steps(self) -> tuple[Placed, ...]:
        """All steps, in the order they are written."""
        by_place = {step.place: step for step in self.journey.steps.values()}
        return tuple(self._steps(self.doc.data.get("steps"), ("steps",), by_place))

    def _steps(self, steps: object, path: Path, by_place: Mapping[Place, Step]) -> Iterator[Placed]:
        for index, raw in enumerate(steps if isinstance(steps, list) else ()):
            verb = next((BY_NAME[name] for name in raw if name in BY_NAME), None) if isinstance(raw, dict) else None
            if verb is None:
                continue
            at: Path = (*path, index)
            step = by_place.get(self.doc.place((*at, verb.name), key=True))
            if step is not None:
                yield Placed(step, at)
            for name in verb.blocks:
                block = raw.get(name)
                if isinstance(block, dict):
                    for arm, body in block.items():
                        then = body.get("then") if isinstance(body, dict) else None
                        yield from self._steps(then, (*at, name, arm, "then"), by_place)
                else:
                    yield from self._steps(block, (*at, name), by_place)

    def raw(self, path: Path) -> dict[str, Any]:
        """A step as it stands in the file."""
        here = self.doc.data
        for part in path:
            here = here[part]
        found: dict[str, Any] = here
        return found


@dataclass(frozen=True)
class Workspace:
    """A compiled workspace as rules see it, with the `problems` found before. Built once; what costs time is made when
    first asked for."""

    plan: Plan
    renderer: Renderer
    sources: Mapping[str, str]
    problems: Sequence[Problem] = ()
    _reads: dict[str, Reads] = field(default_factory=dict)

    @cached_property
    def faulty(self) -> frozenset[str]:
        """The messages whose rendering says nothing new: their template, or what all templates share, has a problem."""
        files = {each.place.file for each in self.problems if each.place.file.startswith("templates/")}
        shared = any(not name.startswith(("templates/messages/", "templates/locales/")) for name in files)
        return frozenset(name for name in self.renderer.messages() if shared or template_file(name) in files)

    @cached_property
    def sound_locales(self) -> tuple[str, ...]:
        """The languages whose own translations have no problem."""
        files = {each.place.file for each in self.problems}
        return tuple(name for name in self.renderer.locales if f"templates/locales/{name}.po" not in files)

    @cached_property
    def docs(self) -> dict[str, Doc]:
        """YAML files by name."""
        return {name: read_yaml(name, text) for name, text in self.sources.items() if name.endswith((".yaml", ".yml"))}

    @cached_property
    def journeys(self) -> tuple[Written, ...]:
        """Compiled journeys in the order of their names."""
        found = (self.plan.journeys[name] for name in sorted(self.plan.journeys))
        return tuple(Written(self.docs[each.place.file], each) for each in found if each.place.file in self.docs)

    def doc(self, kind: str) -> Doc | None:
        """The file that begins with `kind:` ('brand', 'vocabulary')."""
        maps = (doc for doc in self.docs.values() if isinstance(doc.data, dict))
        return next((doc for doc in maps if next(iter(doc.data), "") == kind), None)

    @cached_property
    def shown(self) -> tuple[Shown, ...]:
        """Every message that a journey sends, rendered for an invented customer by each channel in each language."""
        from engine.define.checks.persona import render_all

        return tuple(render_all(self))

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The source language and those that the workspace itself has a file for (the shared ones promise nothing)."""
        first, *others = self.renderer.locales
        return (first, *(name for name in others if f"templates/locales/{name}.po" in self.sources))

    def reads(self, message: str) -> Reads:
        """What the template of `message` reads."""
        from engine.render.reads import reads

        if message not in self._reads:
            self._reads[message] = reads(self.template(message))
        return self._reads[message]

    def template(self, message: str) -> str:
        return self.sources.get(template_file(message), "")


def template_file(message: str) -> str:
    """The file of a message's template."""
    return f"templates/messages/{message}.j2"


class Rule(ABC):
    """One thing that `parcours check` looks for. A rule has no state of its own.

    `level` is 'error' for what cannot be meant, 'hint' for what may be: hints are printed and do not fail the check.
    """

    code: ClassVar[str]
    level: ClassVar[Level] = "error"

    @abstractmethod
    def find(self, workspace: Workspace) -> Iterator[Problem]:
        """The faults, in any order."""

    def problem(self, doc: Doc, path: Path, message: str, hint: str = "", *, key: bool = False) -> Problem:
        """A fault at `path` of a YAML file (at its key when `key`)."""
        mark = doc.mark(path, key=key)
        width = max(1, min(mark.width, len(doc.line(mark.line)) - mark.column + 1))
        place = Place(doc.file, mark.line, mark.column)
        return Problem(place, message, self.code, hint, width, doc.line(mark.line))

    def in_text(self, workspace: Workspace, place: Place, width: int, message: str, hint: str = "") -> Problem:
        """A fault at a place of any file."""
        lines = workspace.sources.get(place.file, "").splitlines()
        source = lines[place.line - 1] if 0 < place.line <= len(lines) else ""
        return Problem(place, message, self.code, hint, max(1, width), source)
