"""A world in memory: customers, their outboxes, and letters between them, moved on by the core one decision at a time.

The same functions decide as in production; a commit is a change of these dicts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.journey.aside import set_aside, take_up
from engine.journey.blocks import leave_past_block
from engine.journey.core import handle_event, handle_timers
from engine.journey.leave import leave
from engine.journey.recover import lose, recover
from engine.journey.settle import settle
from engine.journey.walk import Walk
from engine.journey.wording import Render
from engine.model.address import Book
from engine.model.message import Outgoing, SendOutcome
from engine.model.profile import Profile
from engine.model.record import Record, Row, Told
from engine.runtime.blob import Arrival, pack, read_profile
from engine.runtime.commit import Commit
from engine.runtime.decide import Moment
from engine.runtime.merging import forward, obey
from engine.runtime.orders import Erase, Letter, Order, ready_to_go
from engine.runtime.overheard import Overheard
from engine.runtime.timeline import told_event
from engine.testing.book import MemoryBook

Rows = dict[str, Row]  # by message
Keep = Callable[[str, Sequence[Record], Sequence[Told]], None]
Post = Callable[[Letter, int], None]
ENTRY = "0-0"


@dataclass(frozen=True, slots=True)
class Saved:
    """The state of a world, apart from it."""

    people: dict[str, bytes]
    rows: dict[str, Rows]
    book: MemoryBook


class World:
    """`keep` gets what came of each decision (profile, records, story), `post` the letters to other customers."""

    def __init__(self, keep: Keep, post: Post) -> None:
        self.people: dict[str, Profile] = {}
        self.rows: dict[str, Rows] = {}
        self.book = MemoryBook()
        self._keep, self._post = keep, post

    def saved(self) -> Saved:
        """The state, to begin from any number of times."""
        people = {name: pack(profile) for name, profile in self.people.items()}
        return Saved(people, {name: dict(rows) for name, rows in self.rows.items()}, self.book.copy())

    @classmethod
    def of(cls, saved: Saved, keep: Keep, post: Post) -> World:
        """A world that begins as another was."""
        made = cls(keep, post)
        made.people = {name: read_profile(blob) for name, blob in saved.people.items()}
        made.rows = {name: dict(rows) for name, rows in saved.rows.items()}
        made.book = saved.book.copy()
        return made

    def event(self, moment: Moment, arrival: Arrival) -> None:
        """An event reaches its customer, or the one that they were merged into."""
        profile = self._open(moment, arrival.profile)
        if profile is None and not arrival.label:  # a broadcast asked for somebody who is gone by now
            return
        if profile is not None and profile.moved:
            commit = Commit(profile=profile.id, at=moment.now)
            self._post(forward(arrival, commit.shard, profile.into, ENTRY), moment.now)
            return
        profile = profile or Profile(id=arrival.profile, label=arrival.label)
        walk = handle_event(moment.running.plan, profile, arrival.event, moment.now, moment.flags)
        if walk.story:
            walk.story.insert(0, told_event(arrival.event, moment.now))
        self._done(walk)

    def wake(self, moment: Moment, name: str) -> None:
        """Somebody is looked at: what is due is done."""
        profile = self._open(moment, name)
        if profile is not None and not profile.into:
            self._done(handle_timers(moment.running.plan, profile, moment.now, moment.flags))

    def obey(self, moment: Moment, order: Order) -> None:
        """A merge."""
        if isinstance(order, Erase):
            return
        commit = Commit(profile=order.profile, at=moment.now, entries=[ENTRY])
        profile = obey(moment, self._open(moment, order.profile), order, commit, ENTRY)
        self._write(commit, profile)

    def leave(
        self, moment: Moment, name: str, id_: str, render: Render, book: Book, block: str = ""
    ) -> Outgoing | None:
        """Ask the gate about a message whose row is taken out of the outbox; what begins to leave."""
        self.rows.get(name, {}).pop(id_, None)
        profile = self._open(moment, name)
        message = profile.messages.get(id_) if profile is not None else None
        if profile is None or message is None or message.status in ("held", "sending", "left"):
            return None
        if message.status == "set_aside":
            take_up(profile, id_)
        plan, now, flags = moment.running.plan, moment.now, moment.flags
        if block:
            walk = leave_past_block(plan, profile, id_, block, now, render, flags, book)
        else:
            walk = leave(plan, profile, id_, now, render, flags, book)
        self._done(walk)
        return walk.outgoing

    def settle(self, moment: Moment, name: str, id_: str, outcome: SendOutcome, heard: Overheard | None = None) -> None:
        """A provider, or a service, has answered."""
        profile = self._open(moment, name)
        if profile is None:
            return
        repeated = heard is not None and heard.repeated
        self._done(settle(moment.running.plan, profile, id_, outcome, moment.now, moment.flags, repeated=repeated))

    def back(self, moment: Moment, name: str, id_: str) -> None:
        """A message that was taken and did not begin to leave lies in its outbox again."""
        profile = self._open(moment, name)
        message = profile.messages.get(id_) if profile is not None else None
        if message is not None:
            self.rows.setdefault(name, {})[id_] = Row(message.queue, "", id_, moment.now)

    def recover(self, moment: Moment, name: str, id_: str, heard: Overheard, render: Render) -> None:
        """The worker of a message died."""
        profile = self._open(moment, name)
        if profile is not None:
            plan, repeatable = moment.running.plan, heard.repeatable
            self._done(recover(plan, profile, id_, moment.now, render, repeatable=repeatable, flags=moment.flags))

    def aside(self, moment: Moment, name: str, id_: str, why: str) -> None:
        """The engine failed on a message."""
        if (profile := self._open(moment, name)) is not None:
            self._done(set_aside(moment.running.plan, profile, id_, moment.now, why))

    def lose(self, moment: Moment, name: str, id_: str) -> None:
        """Nobody can say whether a message left, because the state was lost."""
        if (profile := self._open(moment, name)) is not None:
            self._done(lose(moment.running.plan, profile, id_, moment.now, moment.flags))

    def pending(self, name: str) -> Rows:
        """The rows of messages that still want to leave."""
        rows, profile = self.rows.get(name), self.people.get(name)
        if not rows or profile is None:
            return {}
        return {
            id_: row
            for id_, row in rows.items()
            if (message := profile.messages.get(id_)) is not None and message.status in ("planned", "set_aside")
        }

    def _open(self, moment: Moment, name: str) -> Profile | None:
        profile = self.people.get(name)
        if profile is not None and profile.enrolments:
            moment.source.provide(moment.running, profile)
        return profile

    def _done(self, walk: Walk) -> None:
        commit = Commit(profile=walk.profile.id, at=walk.now)
        commit.rows, commit.records, commit.story, commit.said = walk.rows, walk.records, walk.story, walk.said
        self._write(commit, walk.profile)

    def _write(self, commit: Commit, profile: Profile | None) -> None:
        self.book.hear(commit.said)
        if profile is not None:
            if ready_to_go(profile):
                profile = commit.hand_over(profile)
            profile.version += 1
            self.people[profile.id] = profile
            if profile.moved:
                self.rows.pop(profile.id, None)
        if commit.rows:
            self.rows.setdefault(commit.profile, {}).update({row.message: row for row in commit.rows})
        if commit.records or commit.story:
            self._keep(commit.profile, commit.records, commit.story)
        for parcel in commit.relay:
            if isinstance(parcel, Letter):
                self._post(parcel, commit.at)
