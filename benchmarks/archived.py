"""An archive of events that never went through a Redis: the core decides about them in virtual time, and what a log
would have held of that goes into the archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from pathlib import Path

import msgspec

from engine.define.workspace import Compiled
from engine.journey.identity import resolve
from engine.journey.intent import concerns
from engine.model.event import Event
from engine.model.flags import NO_FLAGS
from engine.model.ids import shard_of
from engine.model.message import CALL
from engine.model.record import Record, Told
from engine.report.archive.compact import compact
from engine.report.archive.manifest import Manifest, put_manifest, read_manifest
from engine.report.archive.place import Place
from engine.report.archive.plans import Released
from engine.report.archive.segment import Entry, day_of, name_of, segment
from engine.report.replay.plans import PastPlans
from engine.report.replay.world import World
from engine.runtime.blob import Arrival, pack
from engine.runtime.decide import Moment
from engine.runtime.orders import Letter
from engine.runtime.overheard import Overheard
from engine.runtime.plans import Running
from engine.testing.feed import read_lines
from engine.testing.simulator import ACCEPTED, NOBODY

PER_SEGMENT = 20_000
FOREVER = "9999-12-31"


class Archived:
    """Decides, and remembers what the log would hold. Customers who are merged are beyond it."""

    def __init__(self, compiled: Compiled) -> None:
        self._plan = compiled.plan
        self._running = Running(compiled.plan, compiled.renderer.render)
        self._plans = PastPlans({})
        self._world = World(self._keep, self._post)
        self._known: dict[tuple[str, str], str] = {}
        self._agenda: list[tuple[int, int, str, str]] = []
        self._seen: set[str] = set()
        self._made: tuple[list[Record], list[Told]] = ([], [])
        self._number = 0
        self.entries: list[Entry] = []

    def feed(self, event: Event) -> None:
        """One event, at its arrival."""
        self.until(event.received)
        who = resolve(
            event.profile, tuple(self._plan.vocabulary.identifiers), self._known, self._plan.vocabulary.strong
        )
        assert not who.absorbs
        self._known |= dict.fromkeys(who.new_links, who.profile_id) | who.facts
        if event.id in self._seen:
            return
        self._seen.add(event.id)
        new = who.profile_id not in self._world.people
        self._world.event(self._moment(event.received), Arrival(who.profile_id, who.label, event))
        given = ("event", event, who.label) if new else ("event", event)
        self._log(who.profile_id, event.received, given)

    def until(self, until: int) -> None:
        """Everything that is due before."""
        while self._agenda and self._agenda[0][0] < until:
            due, kind, name, message = heappop(self._agenda)
            if kind:
                self._leave(name, message, due)
            elif self._world.people[name].next_due() == due:
                self._world.wake(self._moment(due), name)
                self._log(name, due, ("wake", f"{due}-0"))

    def _leave(self, name: str, message: str, now: int) -> None:
        if message not in self._world.pending(name) or self._world.rows[name][message].due != now:
            return
        heard = Overheard(provider="bench")
        about = concerns(self._plan, self._world.people[name], message)
        render, book = heard.render(self._running.render), self._world.book.of(about, name, now)
        out = self._world.leave(self._moment(now), name, message, render, book)
        self._log(name, now, ("leave", message, heard))
        if out is not None:
            self._world.book.take(about, name, now)
            outcome = NOBODY if out.channel == CALL else ACCEPTED
            self._world.settle(self._moment(now), name, message, outcome)
            self._log(name, now, ("settle", message, Overheard(), outcome))

    def _moment(self, now: int) -> Moment:
        return Moment(self._running, self._plans, NO_FLAGS, now)

    def _log(self, name: str, at: int, given: tuple[object, ...]) -> None:
        (records, story), self._made = self._made, ([], [])
        fields = {"t": str(at).encode(), "p": name.encode(), "f": self._plan.fingerprint.encode(), "i": pack([given])}
        steps = [line for line in story if line.kind == "step"]
        fields |= {"r": pack(records) if records else b"", "s": pack(steps) if steps else b""}
        self._number += 1
        self.entries.append((shard_of(name), f"{at}-{self._number}", fields))
        due = self._world.people[name].next_due()
        if due is not None:
            heappush(self._agenda, (due, 0, name, ""))
        for row in self._world.pending(name).values():
            heappush(self._agenda, (max(row.due, at), 1, name, row.message))

    def _keep(self, profile: str, records: Iterable[Record], story: Iterable[Told]) -> None:
        self._made[0].extend(records)
        self._made[1].extend(story)

    def _post(self, letter: Letter, now: int) -> None:
        raise AssertionError("nobody is merged here")


def archive_events(compiled: Compiled, file: Path, place: Place, until: int = 0) -> int:
    """The events of a file decided about up to `until` (epoch ms; 0: up to the last one), and archived: how many."""
    made, count, number = Archived(compiled), 0, 0
    plan = compiled.plan
    journeys = {name: each.version for name, each in plan.journeys.items()}
    released = Released(plan.fingerprint, 0, "", journeys, dict(compiled.sources))
    place.put(f"plans/{plan.fingerprint}.json", msgspec.json.encode(released))
    manifest = Manifest(store=1)
    put_manifest(place, manifest)
    with file.open("rb") as lines:
        for event in _events(compiled, lines):
            made.feed(event)
            count += 1
            if len(made.entries) >= PER_SEGMENT:
                number += 1
                _write(place, number, made)
    made.until(until)
    _write(place, number + 1, made)
    found = read_manifest(place)
    assert found is not None
    while compact(place, found, FOREVER):
        pass
    return count


def _events(compiled: Compiled, lines: Iterable[bytes]) -> Iterator[Event]:
    return (each for each in read_lines(lines, compiled.plan.vocabulary) if isinstance(each, Event))


def _write(place: Place, number: int, made: Archived) -> None:
    if made.entries:
        at = int(made.entries[0][1].partition("-")[0])
        place.put(name_of(number, day_of(at)), segment(made.entries))
        made.entries.clear()
