"""Where decisions come from: a file of our own rows, a file of impressions from elsewhere, or an installation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from engine.model.event import ACTION_OUTCOME, Event
from engine.model.plan import Plan
from engine.report.archive.manifest import read_manifest
from engine.report.archive.place import Place
from engine.report.decisions.archived import decisions_in, events_in
from engine.report.decisions.choices import BadRows, Choices
from engine.report.decisions.live import entries_now, told_of
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
    """An installation as it is now: its plan, what its logs still hold, and its archive, if it has one.

    `copies` is a folder for what is fetched from an archive in a bucket.
    """

    store: Store
    plan: Plan
    archive: Place | None
    copies: Path

    @classmethod
    def of(cls, store: Store, archive: Place | None, copies: Path) -> Installation:
        """Raises SetupError when no plan was published."""
        there = archive is not None and read_manifest(archive) is not None
        plan = PublishedPlans(store).at(store.pulse().plan).plan
        return cls(store, plan, archive if there else None, copies)

    def decisions(self) -> Dataset:
        """All decisions that there are, with what became of them."""
        control = self.plan.policies.control
        measures = control.measures if control is not None else ()
        decisions, events = entries_now(self.store)
        if self.archive is not None:
            wanted = frozenset({ACTION_OUTCOME, *(each.event for each in measures)})
            decisions += decisions_in(self.archive, self.copies)
            events += events_in(self.archive, self.copies, wanted)
        return told_of(decisions, events, measures)

    def events(self) -> list[Event]:
        """All events that there are, in the order of arrival; each once."""
        found = {event.id: event for _, event in entries_now(self.store)[1]}
        if self.archive is not None:
            found |= {event.id: event for _, event in events_in(self.archive, self.copies)}
        return sorted(found.values(), key=lambda each: (each.received, each.at, each.id))


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
