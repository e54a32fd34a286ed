"""Which steps and branches of the journeys the stories have reached, seen from outside the core."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from engine.define.doc import Doc
from engine.define.source import read_yaml
from engine.define.workspace import Compiled
from engine.journey.steps.send import Choosing, Sending
from engine.journey.steps.split import Split
from engine.journey.steps.step import Go
from engine.journey.walk import Walk
from engine.model.event import Event
from engine.model.plan import Journey, Plan, Step
from engine.model.problem import Place
from engine.model.profile import Enrolment
from engine.model.record import Record

# (journey, step, branch): '' is the step itself
Spot = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Missed:
    """A step or branch that no case reached."""

    place: Place
    what: str


@dataclass(frozen=True, slots=True)
class Reach:
    """One journey: how many steps and branches it has, and those that were missed, by place."""

    journey: str
    total: int
    missed: tuple[Missed, ...]

    @property
    def percent(self) -> int:
        """Whole percent, rounded down: 100 only when nothing was missed."""
        return 100 * (self.total - len(self.missed)) // self.total if self.total else 100


@dataclass(slots=True)
class Coverage:
    """Notes what is reached. `watched` gives the plan to run, `add` takes the records of a run."""

    compiled: Compiled
    reached: set[Spot] = field(default_factory=set)

    def watched(self, plan: Plan) -> Plan:
        """The plan with an observer around every step's verb; it decides the same."""
        journeys = {
            name: replace(
                journey,
                steps={key: _observed(step, self.reached) for key, step in journey.steps.items()},
            )
            for name, journey in plan.journeys.items()
        }
        return replace(plan, journeys=journeys)

    def add(self, records: Iterable[Record]) -> None:
        """A message that left twice has tried its next channel; a call has ended by its answer, or without one."""
        seen: set[str] = set()
        for record in records:
            if record.kind == "sent" and record.id in seen:
                self.reached.add((record.journey, record.step, "try_next_after"))
            elif record.kind == "sent":
                seen.add(record.id)
            elif record.kind == "called":
                self.reached.add((record.journey, record.step, "on_timeout" if record.reason else "then"))

    def reach(self) -> list[Reach]:
        """Every journey of the workspace, by name."""
        return [self._reach(journey) for _, journey in sorted(self.compiled.plan.journeys.items())]

    def _reach(self, journey: Journey) -> Reach:
        doc = read_yaml(journey.place.file, self.compiled.sources.get(journey.place.file, ""))
        total, missed = 0, []
        for step in journey.steps.values():
            for branch in ("", *branches(step)):
                total += 1
                if (journey.name, step.id, branch) not in self.reached:
                    what = f"{branch} of {step.id}" if branch else step.id
                    missed.append(Missed(_place(doc, step, branch), what))
        return Reach(journey.name, total, tuple(sorted(missed, key=lambda each: (each.place, each.what))))


def branches(step: Step) -> tuple[str, ...]:
    """The ways on from a step, as the journey names them."""
    if step.verb.name == Split.name:
        return tuple(f"arm {arm.name}" for arm in step.spec)
    if isinstance(step.spec, Choosing):
        return ("otherwise",) if step.spec.otherwise != step.next else ()
    if isinstance(step.spec, Sending):
        return ("try_next_after",) if step.spec.try_next_after is not None else ()
    if hasattr(step.spec, "otherwise"):
        return ("then", "otherwise")
    return ("then", "on_timeout") if hasattr(step.spec, "timeout") else ()


def _place(doc: Doc, step: Step, branch: str) -> Place:
    """Where a branch begins; where it was left out, its step."""
    name = branch.removeprefix("arm ")
    for path, mark in doc.keys.items():
        if (mark.line, mark.column) == (step.place.line, step.place.column):
            key = (*path[:-1], "arms", name) if name != branch else (*path[:-1], name)
            return doc.place(key, key=True) if key in doc.keys else step.place
    return step.place


def _observed(step: Step, reached: set[Spot]) -> Step:
    verb: Any = _Watched(step.verb, reached)
    return replace(step, verb=verb)


class _Watched:
    """A verb that notes that it was reached, and where it went."""

    def __init__(self, verb: Any, reached: set[Spot]) -> None:
        self.verb, self.reached = verb, reached
        self.name = verb.name

    def __getattr__(self, name: str) -> Any:
        return getattr(self.verb, name)

    def run(self, step: Step, walk: Walk, run: Enrolment) -> Any:
        then = self.verb.run(step, walk, run)
        self._note(run, step, "")
        ways = branches(step)
        if step.verb.name == Split.name:
            assigned = walk.profile.arms.get(f"{run.journey}/{step.id}")
            self._note(run, step, f"arm {assigned.arm}" if assigned is not None else "")
        elif isinstance(then, Go) and "then" in ways:
            other = "otherwise" in ways and then.step != step.spec.then
            self._note(run, step, "otherwise" if other else "then")
        elif isinstance(then, Go) and "otherwise" in ways and then.step == step.spec.otherwise:
            self._note(run, step, "otherwise")
        return then

    def on_event(self, step: Step, walk: Walk, run: Enrolment, event: Event) -> Any:
        then = self.verb.on_event(step, walk, run, event)
        if isinstance(then, Go) and "then" in branches(step):
            self._note(run, step, "then")
        return then

    def on_timer(self, step: Step, walk: Walk, run: Enrolment) -> Any:
        if "on_timeout" in branches(step):
            self._note(run, step, "on_timeout")
        return self.verb.on_timer(step, walk, run)

    def _note(self, run: Enrolment, step: Step, branch: str) -> None:
        self.reached.add((run.journey, step.id, branch))
