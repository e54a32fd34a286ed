"""The figures of journeys, out of what the store counts: who is where, what was sent, who reached the goal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from engine.console.fresh import Fresh
from engine.model.flow import OUT, PASSED, REGROUPED, Flow
from engine.runtime.counts import Stand, counts
from engine.runtime.flows import flows
from engine.runtime.store import Store

Key = TypeVar("Key")


@dataclass
class Step:
    """One step ('' before the first and after the last): how many came, stand there now, went on (by step), left
    there (by reason), were taken `along` by a release to another version; and what became of its messages, by kind
    and reason."""

    came: int = 0
    here: int = 0
    went: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    along: int = 0
    sent: Counter[str] = field(default_factory=Counter)
    other: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass
class Figures:
    """One journey, or one version of it. `ended` is by reason, `other` by kind and reason.

    started, goal    apart for the holdout, as it is known now
    moved, along     those whom a release has brought here from another version, and has taken to another one
    """

    started: Counter[bool] = field(default_factory=Counter)
    goal: Counter[bool] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    other: Counter[tuple[str, str]] = field(default_factory=Counter)
    first: int = 0
    moved: Counter[bool] = field(default_factory=Counter)
    along: Counter[bool] = field(default_factory=Counter)
    steps: dict[str, Step] = field(default_factory=dict)
    inside: int = 0

    def of(self, held_out: bool = False) -> int:
        """Of how many it is known, or will be, whether they reach the goal here."""
        return self.started[held_out] + self.moved[held_out] - self.along[held_out]

    def rate(self, held_out: bool = False) -> float | None:
        """The share of these that reached the goal; None when there is nobody."""
        return self.goal[held_out] / self.of(held_out) if self.of(held_out) > 0 else None

    @property
    def all_started(self) -> int:
        return sum(self.started.values())

    @property
    def all_sent(self) -> int:
        return sum(self.sent.values())

    @property
    def all_ended(self) -> int:
        return sum(self.ended.values())

    def kind(self, kind: str) -> Counter[str]:
        """What became of messages in one way ('held', 'refused', ...), by reason."""
        return Counter({rule: count for (each, rule), count in self.other.items() if each == kind})

    def step(self, id_: str) -> Step:
        """A step, made when there is none."""
        return self.steps.setdefault(id_, Step())


@dataclass(frozen=True)
class Counted:
    """What was counted at one moment."""

    flows: Counter[Flow]
    stands: Counter[Stand]

    @cached_property
    def journeys(self) -> dict[str, Figures]:
        """All versions of each journey together."""
        return self._by(lambda name, version: name)

    @cached_property
    def versions(self) -> dict[tuple[str, str], Figures]:
        """Each version alone. What concerns no version any more is with ''."""
        return self._by(lambda name, version: (name, version))

    def _by(self, key: Callable[[str, str], Key]) -> dict[Key, Figures]:
        found: dict[Key, Figures] = {}
        for flow, count in self.flows.items():
            _add(found.setdefault(key(flow.journey, flow.version), Figures()), flow, count)
        for stand, count in self.stands.items():
            figures = found.setdefault(key(stand.journey, stand.version), Figures())
            figures.inside += count
            figures.step(stand.step).here += count
        return found


def _add(figures: Figures, flow: Flow, count: int) -> None:
    what, step = flow.what, flow.step
    if what == PASSED:
        if flow.rule:
            figures.step(flow.rule).came += count
        if step:
            figures.step(step).went[flow.rule] += count
        else:
            figures.first += count
    elif what == "started":
        figures.started[bool(flow.more)] += count
    elif what == "ended":
        figures.ended[flow.rule] += count
        figures.goal[bool(flow.more)] += count if flow.rule == "goal" else 0
        figures.step(step).left[flow.rule] += count
    elif what == "moved":
        figures.moved[bool(flow.more)] += count
        figures.step(step).came += count
    elif what == OUT:
        figures.along[bool(flow.more)] += count
        figures.step(step).along += count
    elif what == REGROUPED:
        figures.started[bool(flow.rule)] -= count
        figures.started[bool(flow.more)] += count
    elif what == "sent":
        figures.sent[flow.more] += count
        figures.step(step).sent[flow.more] += count
    else:
        figures.other[what, flow.rule] += count
        figures.step(step).other[what, flow.rule] += count


_latest: Fresh[Store, str, Counted] = Fresh(1.0, longer=20.0)


def counted(store: Store) -> Counted:
    """What is counted now, at most a second old; where counting takes long, ten times as old as that takes."""
    return _latest.ask(store, "", lambda: Counted(flows(store), counts(store)))


def sum_of(many: Iterable[Figures]) -> Figures:
    """Several together, without their steps."""
    total = Figures()
    for each in many:
        for name in ("started", "moved", "along", "goal", "ended", "sent", "other"):
            getattr(total, name).update(getattr(each, name))
        total.inside += each.inside
    return total
