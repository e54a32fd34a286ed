"""What was: the entries of a group of customers decided again by the plans of then, and remembered for comparison.

What happened before the window makes the state that it begins with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.model.address import UNHEARD_OF, Book, Standing
from engine.model.record import Record, Told
from engine.report.archive.past import About, Past
from engine.report.replay.letters import key_of
from engine.report.replay.line import Line, of_record
from engine.report.replay.words import Failed, Worded, as_then
from engine.report.replay.world import Rows, Saved, World
from engine.report.replay.would import Draft
from engine.runtime.decide import Moment, Work
from engine.runtime.orders import Bring, Letter
from engine.runtime.overheard import Overheard
from engine.testing.book import MemoryBook


@dataclass(slots=True)
class Attempt:
    """A message that began to leave: when (epoch ms), by which entry, what it was, and what was answered to it.

    `ends`: (number of the entry, what it was) of the answers, in order.
    """

    at: int
    entry: int
    name: str
    address: str
    parts: dict[str, str]
    ends: list[tuple[int, About]] = field(default_factory=list)


@dataclass(slots=True)
class After:
    """How things stood with the customer of an entry after it: when time moves them on, what wants to leave."""

    due: int | None
    rows: Rows


@dataclass
class Was:
    """The past of a group.

    fork     the world when the window begins;  letters  what was on its way between customers then
    first    the number of the first entry of the window
    after    how things stood after each entry;  due, rows  how they stood at the fork, by customer
    attempts by attempt id;  by_message  the same by message id
    words    (message id, channel) -> (plan, what it was made of) -> how that failed
    landed   what came by letter -> the numbers of the entries by which it did
    lines    what was decided in the window now;  story  the timelines
    """

    first: int = 0
    fork: Saved = field(default_factory=lambda: Saved({}, {}, MemoryBook()))
    letters: list[Letter] = field(default_factory=list)
    due: dict[str, int | None] = field(default_factory=dict)
    rows: dict[str, Rows] = field(default_factory=dict)
    after: list[After] = field(default_factory=list)
    attempts: dict[str, Attempt] = field(default_factory=dict)
    by_message: dict[str, Attempt] = field(default_factory=dict)
    words: dict[tuple[str, str], Worded] = field(default_factory=dict)
    landed: dict[str, list[int]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    story: list[tuple[str, Told]] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class Beginning:
    """Decides the entries of one group again."""

    def __init__(self, draft: Draft) -> None:
        self._plans, self._wording, self._flags, self._since = draft.plans, draft.wording, draft.flags, draft.since
        self.was = Was()
        self._world = World(self._keep, self._post)
        self._flying: dict[str, Letter] = {}
        self._inside = False

    def take(self, entries: Sequence[Past]) -> Was:
        """All entries, in order."""
        was = self.was
        for number, entry in enumerate(entries):
            if not self._inside and entry.at >= self._since:
                self._begin(number)
            self._one(number, entry)
            profile = self._world.people.get(entry.profile)
            due = profile.next_due() if profile is not None and not profile.into else None
            was.after.append(After(due, self._world.pending(entry.profile)))
        if not self._inside:
            self._begin(len(entries))
        was.labels |= {name: profile.label for name, profile in self._world.people.items() if profile.label}
        return was

    def _begin(self, number: int) -> None:
        self._inside, was, world = True, self.was, self._world
        was.first, was.fork = number, world.saved()
        was.letters = list(self._flying.values())
        was.due = {name: None if each.into else each.next_due() for name, each in world.people.items()}
        was.rows = {name: rows for name in world.people if (rows := world.pending(name))}

    def _one(self, number: int, entry: Past) -> None:
        moment = Moment(self._plans.at(entry.plan), self._plans, self._flags.of(entry), entry.at)
        for each in entry.inputs:
            try:
                if isinstance(each, Work):
                    self._work(number, moment, entry, each)
                elif isinstance(each, About):
                    self._about(number, moment, entry, each)
            except Exception as fault:  # a newer release decides otherwise: the rest can still be told
                self.was.faults.append(f"{entry.profile}: {type(fault).__name__}: {fault}")

    def _work(self, number: int, moment: Moment, entry: Past, work: Work) -> None:
        if work.order is not None:
            self._note(key_of(work.order), number)
            if isinstance(work.order, Bring):
                self._note(f"event {work.order.arrival.event.id}", number)
            self._world.obey(moment, work.order)
        elif work.arrival is None:
            self._world.wake(moment, entry.profile)
        else:
            self._note(f"event {work.arrival.event.id}", number)
            if work.arrival.label:
                self.was.labels.setdefault(entry.profile, work.arrival.label)
            self._world.event(moment, work.arrival)

    def _about(self, number: int, moment: Moment, entry: Past, each: About) -> None:
        world, name, id_, heard = self._world, entry.profile, each.message, each.heard
        if each.command == "leave":
            render = as_then(heard.failed, entry.plan, self._wording, moment.running.render, self._seen)
            book, block = book_of(heard), heard.block
            found = world.leave(moment, name, id_, render, book, block)
            if found is not None and self._inside:
                known = Attempt(entry.at, number, found.message, found.address, found.rendered.parts)
                before = self.was.attempts.get(found.attempt_id)
                known.ends = before.ends if before is not None else []
                self.was.attempts[found.attempt_id] = self.was.by_message[id_] = known
            elif found is not None:
                self.was.by_message.pop(id_, None)
        elif each.command in ("settle", "recover"):
            self._end(number, name, each)
            if each.outcome is not None:
                world.settle(moment, name, id_, each.outcome, heard)
            else:
                render = as_then(heard.failed, entry.plan, self._wording, moment.running.render, self._seen)
                world.recover(moment, name, id_, heard, render)
        elif each.command == "set_aside":
            world.aside(moment, name, id_, each.why)
        elif each.command == "lost":
            world.lose(moment, name, id_)
        elif each.command == "back":
            world.back(moment, name, id_)

    def _end(self, number: int, name: str, each: About) -> None:
        attempt = self.was.by_message.get(each.message)
        if attempt is not None:
            attempt.ends.append((number, each))

    def _note(self, key: str, number: int) -> None:
        self.was.landed.setdefault(key, []).append(number)
        self._flying.pop(key, None)

    def _seen(self, id_: str, channel: str, plan: str, made: str, failed: Failed | None) -> None:
        if self._inside:
            self.was.words.setdefault((id_, channel), {})[plan, made] = failed

    def _keep(self, profile: str, records: Sequence[Record], story: Sequence[Told]) -> None:
        if self._inside:
            self.was.lines += map(of_record, records)
            self.was.story += [(profile, told) for told in story]

    def _post(self, letter: Letter, now: int) -> None:
        what = letter.order or letter.arrival
        assert what is not None
        self._flying[key_of(what)] = letter


def book_of(heard: Overheard) -> Book:
    """What the gate was told of addresses."""

    def book(channel: str, address: str) -> Standing:
        return heard.book.get(channel, UNHEARD_OF)

    return book
