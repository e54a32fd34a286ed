"""A journey that what it does itself starts again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.define.checks.contradiction import clash
from engine.define.checks.flow import ends_at_once, reached
from engine.define.checks.rule import Placed, Rule, Workspace, Written
from engine.journey.steps.emit import Emitted
from engine.journey.steps.send import Choosing, Sending
from engine.model.condition import Compare, Literal, Node, Path
from engine.model.event import ACTION_OUTCOME
from engine.model.problem import Problem

# What a provider or the customer reports of a message that was sent.
REPORTS = ("delivered", "opened", "clicked", "bounced")
# These may come at any time, also when the journey is long over.
LATER = ("opened", "clicked")


@dataclass(frozen=True, slots=True)
class Cause:
    """A step, an event that follows from it, and what is known of that event."""

    written: Written
    placed: Placed
    event: str
    known: tuple[Node, ...]


class StartsItself(Rule):
    """A start that the journey's own message or `emit` triggers, by itself or through others, at once and for ever."""

    code = "starts_itself"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        causes = [cause for written in workspace.journeys for cause in _causes(written)]
        leads: dict[str, list[tuple[Cause, str]]] = {}
        for cause in causes:
            for target in workspace.journeys:
                if _starts(cause, target):
                    leads.setdefault(cause.written.journey.name, []).append((cause, target.journey.name))
        for name in sorted(leads):
            for cause, then in leads[name]:
                way = _way(then, name, leads)
                if way is not None and name == min(way):
                    yield self._report(cause, way)
                    break

    def _report(self, cause: Cause, way: list[str]) -> Problem:
        name, verb = cause.written.journey.name, cause.placed.step.verb.name
        through = f" by way of {', '.join(each for each in way if each != name)}" if len(way) > 1 else ""
        return self.problem(
            cause.written.doc,
            (*cause.placed.path, verb),
            f"'{cause.event}', which follows from this '{verb}', starts '{name}' again{through}: it never ends.",
            "Write 'again: after 7d' under 'start:', or an 'only_if' that tells the events apart.",
        )


def _causes(written: Written) -> Iterator[Cause]:
    # what comes only after an event from outside is no loop: somebody keeps it going
    alive = reached(written.journey, unaided=True)
    for placed in written.steps:
        spec = placed.step.spec
        if placed.step.id not in alive:
            continue
        if isinstance(spec, Emitted):
            known = [(name, value) for name, value in spec.properties.items() if not isinstance(value, Path)]
            yield Cause(written, placed, spec.event, tuple(_is(name, value) for name, value in known))
        if isinstance(spec, Choosing):
            shown = (_is("outcome", "shown"), _is("placement", spec.placement))
            yield Cause(written, placed, ACTION_OUTCOME, shown)
        if isinstance(spec, Sending):
            for event in REPORTS:
                for channel in spec.via:
                    yield Cause(written, placed, event, (_is("channel", channel),))


def _is(name: str, value: Any) -> Node:
    return Compare(Path("event", (name,)), "is", Literal(value))


def _starts(cause: Cause, target: Written) -> bool:
    start = target.journey.start
    if start.event != cause.event or target.journey.again.after != 0 or start.idle_for is not None:
        return False
    # a journey that is still running for this customer and key is not started a second time
    over = ends_at_once(cause.written.journey, cause.placed.step) or cause.event in LATER
    if not over and _same_key(cause, target):
        return False
    return clash([*(line.node for line in start.only_if), *cause.known]) is None


def _same_key(cause: Cause, target: Written) -> bool:
    key = target.journey.start.key
    spec = cause.placed.step.spec
    if not key or not isinstance(spec, Emitted):
        return not key
    value = spec.properties.get(key)
    return isinstance(value, Path) and value.names == (cause.written.journey.start.key,)


def _way(start: str, goal: str, leads: dict[str, list[tuple[Cause, str]]]) -> list[str] | None:
    """The journeys from `start` to `goal`, both included; None when none leads there."""
    seen: dict[str, list[str]] = {start: [start]}
    ahead = [start]
    while ahead:
        name = ahead.pop(0)
        if name == goal:
            return seen[name]
        for _, then in leads.get(name, ()):
            if then not in seen:
                seen[then] = [*seen[name], then]
                ahead.append(then)
    return None
