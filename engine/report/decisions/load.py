"""Where decisions come from: a file of our own rows, a file of impressions from elsewhere, or an installation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from engine.model.event import Event
from engine.model.plan import Plan
from engine.report.decisions.choices import BadRows, Choices
from engine.report.decisions.live import events_now, logged_now
from engine.report.decisions.logged import Dataset, dataset_of, is_ours
from engine.report.decisions.read import impressions, rows_of
from engine.runtime.plans import PublishedPlans
from engine.runtime.store import Store
from engine.testing.feed import SetAside, read_lines


def from_file(path: Path, named: Mapping[str, Sequence[str]]) -> Dataset | Choices:
    """What a file holds: decisions of our own, or choices from elsewhere. Raises BadRows, also when it is empty."""
    rows = rows_of(path)
    first = next(rows, None)
    if first is None:
        raise BadRows(str(path), "there is no row in it")
    every = chain([first], rows)
    return impressions(every, named, path.name) if named or not is_ours(first) else dataset_of(every, path.name)


@dataclass(slots=True)
class Installation:
    """A running installation as it is now: its plan, and what its logs still hold."""

    store: Store
    plan: Plan

    @classmethod
    def of(cls, store: Store) -> Installation:
        """Raises SetupError when no plan was published."""
        return cls(store, PublishedPlans(store).at(store.pulse().plan).plan)

    def decisions(self) -> Dataset:
        control = self.plan.policies.control
        return logged_now(self.store, control.measures if control is not None else ())

    def events(self) -> list[Event]:
        return events_now(self.store)


def events_of(path: Path, plan: Plan) -> Iterator[Event]:
    """The events of a file (one JSON object a line), in the order of arrival. Raises BadRows for one that is none."""
    if not path.is_file():
        raise BadRows(str(path), "there is no such file")
    with path.open("rb") as lines:
        yield from _sound(read_lines(lines, plan.vocabulary), path)


def _sound(them: Iterable[Event | SetAside], path: Path) -> Iterator[Event]:
    for each in them:
        if isinstance(each, SetAside):
            raise BadRows(f"{path.name}:{each.line}", each.reason)
        yield each
