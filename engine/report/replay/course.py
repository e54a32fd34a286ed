"""A group's way through the window under a draft, in virtual time.

Whatever the two worlds have in common happens at the instant at which it really happened, however late that was: a
timer that was pending then as well, a message that lay in the outbox then as well, a letter between customers.
Everything else happens when it is due.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heappop, heappush

from engine.journey.intent import concerns
from engine.journey.wording import Render
from engine.model.errors import RenderFailed
from engine.model.message import CALL
from engine.model.record import Record, Told
from engine.report.archive.past import About, Past
from engine.report.replay.letters import key_of
from engine.report.replay.line import of_record
from engine.report.replay.reactions import same, told_of
from engine.report.replay.was import Was, book_of
from engine.report.replay.words import as_drafted
from engine.report.replay.world import World
from engine.report.replay.would import Draft, Would
from engine.runtime.blob import Arrival
from engine.runtime.decide import Moment, Work
from engine.runtime.orders import HandOver, Letter
from engine.runtime.overheard import Overheard
from engine.testing.simulator import ACCEPTED, NOBODY

MOST_FAULTS = 50
Step = tuple[str, ...]


class Fault(Exception):
    """The draft failed on `step`."""

    def __init__(self, step: Step, said: str) -> None:
        super().__init__(said)
        self.step = step


def what_would_be(draft: Draft, was: Was, entries: Sequence[Past]) -> Would:
    """The window under the draft. A step on which it fails is left out, and told."""
    passed: set[Step] = set()
    faults: list[str] = []
    while True:
        course = Course(draft, was, passed)
        try:
            course.run(entries)
        except Fault as fault:
            faults.append(str(fault))
            passed.add(fault.step)
            if len(faults) < MOST_FAULTS:
                continue
        course.would.faults = faults
        return course.would


class Course:
    """One attempt; the steps in `passed` are left out."""

    def __init__(self, draft: Draft, was: Was, passed: set[Step]) -> None:
        self._draft, self._was, self._passed = draft, was, passed
        self.would = Would()
        self._world = World.of(was.fork, self._keep, self._post)
        # how things stood with the customers then, up to the entry we are at
        self._due, self._rows = dict(was.due), dict(was.rows)
        self._clock = draft.since
        self._agenda: list[tuple[int, str, str]] = []  # due, customer, message ('': a timer)
        self._letters: dict[str, Letter] = {}  # that wait for the instant at which they came then
        self._overdue: set[str] = set()  # that came then, and are not written yet
        self._at, self._next = -1, was.first  # the entry we are at, and the one that comes next
        self._waiting: dict[int, str] = {}  # number of an entry -> the message to which it is the answer
        self._same: dict[tuple[str, str], int] = {}  # (message, channel) that are the same -> reactions count from then
        self._vocabulary = draft.running.plan.vocabulary.events

    def run(self, entries: Sequence[Past]) -> None:
        """All of the window."""
        world, draft = self._world, self._draft
        for letter in self._was.letters:
            self._post(letter, self._clock)
        for name in sorted(world.people):
            if draft.sweeps:
                self._try(("release", name), self._wake, name, draft.since)
            self._look(name)
        for number in range(self._was.first, len(entries)):
            entry = entries[number]
            self._until(entry.at)
            self._clock, self._at, self._next = max(self._clock, entry.at), number, number + 1
            moment = Moment(draft.running, draft.plans, draft.flags.of(entry), entry.at)
            for place, each in enumerate(entry.inputs):
                if isinstance(each, Work):
                    self._try((str(number), str(place)), self._work, moment, entry, each)
                elif isinstance(each, About):
                    self._try((str(number), str(place)), self._about, moment, entry.profile, each)
            after = self._was.after[number]
            self._due[entry.profile], self._rows[entry.profile] = after.due, after.rows
            self._look(entry.profile)
        self._until(draft.until + 1)
        self.would.labels = {name: profile.label for name, profile in world.people.items() if profile.label}

    def _try(self, step: Step, do: Callable[..., None], *given: object) -> None:
        if step in self._passed:
            return
        try:
            do(*given)
        except Exception as fault:
            raise Fault(step, f"{type(fault).__name__}: {fault}") from fault

    def _moment(self, now: int) -> Moment:
        return Moment(self._draft.running, self._draft.plans, self._draft.flags.at(now), now)

    # what is due

    def _look(self, name: str) -> None:
        """Note what time alone will do with a customer, where that is not what it did then."""
        profile = self._world.people.get(name)
        if profile is None or profile.into:
            return
        due = profile.next_due()
        if due is not None and due != self._due.get(name):
            heappush(self._agenda, (due, name, ""))
        then = self._rows.get(name, {})
        for id_, row in self._world.rows.get(name, {}).items():
            if then.get(id_) != row:
                heappush(self._agenda, (row.due, name, id_))

    def _until(self, until: int) -> None:
        """Do what is due before `until`, and was not then."""
        while self._agenda and self._agenda[0][0] < until:
            due, name, id_ = heappop(self._agenda)
            if self._stands(due, name, id_):
                self._clock = max(due, self._clock)
                do = self._wake if not id_ else self._leave_now
                self._try((str(due), name, id_, str(self._clock)), do, name, self._clock, *([id_] if id_ else []))
                self._look(name)

    def _stands(self, due: int, name: str, id_: str) -> bool:
        if id_:
            row = self._world.rows.get(name, {}).get(id_)
            return row is not None and row.due == due and self._rows.get(name, {}).get(id_) != row
        profile = self._world.people.get(name)
        return profile is not None and not profile.into and profile.next_due() == due and self._due.get(name) != due

    def _wake(self, name: str, now: int) -> None:
        self._world.wake(self._moment(now), name)

    def _leave_now(self, name: str, now: int, id_: str) -> None:
        self._leave(self._moment(now), name, id_, None)

    # what came in

    def _work(self, moment: Moment, entry: Past, work: Work) -> None:
        what = work.order or work.arrival
        if what is None:
            self._world.wake(moment, entry.profile)
            return
        key, landed = key_of(what), self._was.landed
        letter = self._letters.pop(key, None)
        if letter is not None:
            self._land(moment, letter)
        elif (isinstance(what, Arrival) and landed[key][0] < self._at) or (
            isinstance(what, HandOver) and not self._gone(what.origin)
        ):
            self._overdue.add(key)  # it was a letter then, and is one that is still to be written, or none at all
        elif isinstance(what, Arrival):
            self._arrive(moment, what)
        else:
            self._world.obey(moment, what)

    def _gone(self, name: str) -> bool:
        profile = self._world.people.get(name)
        return profile is None or profile.moved

    def _arrive(self, moment: Moment, arrival: Arrival) -> None:
        event = arrival.event
        if event.name not in self._vocabulary:
            self.would.unknown[event.name] += 1
            return
        message, channel = told_of(event)
        if message in self._was.by_message and event.at < self._counts_from(message, channel):
            self.would.left_out[event.name] += 1
            return
        if not arrival.label and arrival.profile not in self._world.people:
            arrival = Arrival(arrival.profile, self._was.labels.get(arrival.profile, ""), event)
        self._world.event(moment, arrival)

    def _counts_from(self, message: str, channel: str) -> float:
        """From when on reactions to a message count; never, when it is not the same."""
        found = [at for (id_, by), at in self._same.items() if id_ == message and channel in ("", by)]
        return min(found, default=float("inf"))

    # letters

    def _post(self, letter: Letter, now: int) -> None:
        """A letter waits for the instant at which it came then, if it did; else it is there at once."""
        what = letter.order or letter.arrival
        assert what is not None
        key = key_of(what)
        if key not in self._overdue and any(number >= self._next for number in self._was.landed.get(key, ())):
            self._letters[key] = letter
            return
        self._overdue.discard(key)
        self._land(self._moment(now), letter)

    def _land(self, moment: Moment, letter: Letter) -> None:
        if letter.order is not None:
            self._world.obey(moment, letter.order)
            self._look(letter.order.profile)
        elif letter.arrival is not None:
            self._arrive(moment, letter.arrival)
            self._look(letter.arrival.profile)

    # messages

    def _about(self, moment: Moment, name: str, each: About) -> None:
        world, id_ = self._world, each.message
        row = world.rows.get(name, {}).get(id_)
        pending = row is not None and self._rows.get(name, {}).get(id_) == row
        if each.command in ("settle", "recover"):
            if self._waiting.pop(self._at, "") == id_ or id_ not in self._was.by_message:
                self._end(moment, name, each)
        elif each.command == "leave" and pending:
            self._leave(moment, name, id_, each.heard)
        elif each.command == "back" and pending:
            world.back(moment, name, id_)
        elif each.command == "set_aside" and (pending or self._sends(name, id_)):
            world.aside(moment, name, id_, each.why)
        elif each.command == "lost" and (pending or self._sends(name, id_)):
            world.lose(moment, name, id_)

    def _leave(self, moment: Moment, name: str, id_: str, heard: Overheard | None) -> None:
        """A message asks the gate; `heard` is what that was told, when it asked at this very instant then too."""
        world, profile = self._world, self._world.people.get(name)
        if profile is None:
            return
        about = concerns(moment.running.plan, profile, id_)
        book = book_of(heard) if heard is not None else world.book.of(about, name, moment.now)
        out = world.leave(moment, name, id_, self._render(), book, heard.block if heard is not None else "")
        if out is None:
            return
        world.book.take(about, name, moment.now)
        then = self._was.attempts.get(out.attempt_id)
        if then is None or not same(out, then, moment.now):
            if then is not None and out.channel != CALL and then.at == moment.now:
                self.would.reworded[out.message, out.channel] += 1
            world.settle(moment, name, id_, NOBODY if out.channel == CALL else ACCEPTED)
            return
        self._same[id_, out.channel] = 0 if moment.now == then.at else moment.now
        left = [(number, end) for number, end in then.ends if number >= self._next]
        if heard is not None and left:
            self._waiting[left[0][0]] = id_
        elif heard is None and then.ends:
            self._end(moment, name, (left or then.ends)[0][1])

    def _end(self, moment: Moment, name: str, each: About) -> None:
        if not self._sends(name, each.message):
            return
        if each.outcome is not None:
            self._world.settle(moment, name, each.message, each.outcome, each.heard)
        else:
            self._world.recover(moment, name, each.message, each.heard, self._render())

    def _sends(self, name: str, id_: str) -> bool:
        profile = self._world.people.get(name)
        message = profile.messages.get(id_) if profile is not None else None
        return message is not None and message.status == "sending"

    def _render(self) -> Render:
        return as_drafted(self._was.words, self._draft.wording, self._draft.running.render, self._unrendered)

    def _unrendered(self, fault: RenderFailed) -> None:
        self.would.unrendered[fault.message, fault.channel, fault.place, fault.reason] += 1

    def _keep(self, profile: str, records: Sequence[Record], story: Sequence[Told]) -> None:
        self.would.lines += map(of_record, records)
        self.would.story += [(profile, told) for told in story]
