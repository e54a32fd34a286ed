"""The simulator: the core over a stream of events, in virtual time.

At one instant: events first, then timers by due time, then by id; a message leaves as soon as it may.
Providers accept everything unless told otherwise. A simulator may take only the events of some customers
(`mine`) and leave the others to another process, as long as customers who touch each other stay together.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from heapq import heappop, heappush

import msgspec
from msgspec.structs import replace

from engine.journey.arrival import arrive, noted
from engine.journey.core import handle_event, handle_timers
from engine.journey.identity import Link, resolve
from engine.journey.intent import concerns
from engine.journey.leave import leave
from engine.journey.merge import absorb
from engine.journey.settle import settle
from engine.journey.walk import Walk
from engine.journey.wording import Render
from engine.model.event import Event
from engine.model.flags import Flags
from engine.model.message import CALL, Outgoing, SendOutcome
from engine.model.plan import Plan
from engine.model.profile import Profile
from engine.model.record import Record
from engine.testing.book import MemoryBook
from engine.testing.lessons import MemoryLessons

ACCEPTED = SendOutcome("accepted")
NOBODY = SendOutcome("retry", "no service is called in virtual time")


def accept(outgoing: Outgoing) -> SendOutcome:
    """A provider that takes everything. Services are not called in virtual time: nobody answers."""
    return NOBODY if outgoing.channel == CALL else ACCEPTED


class Homes(Mapping[Link, str]):
    """An index in which profiles that were merged are found as the one they were merged into."""

    __slots__ = ("_known", "_moved")

    def __init__(self, known: dict[Link, str], moved: dict[str, str]) -> None:
        self._known, self._moved = known, moved

    def __getitem__(self, link: Link) -> str:
        return self.home(self._known[link])

    def home(self, profile: str) -> str:
        """The profile that this one was merged into, else itself."""
        while profile in self._moved:
            profile = self._moved[profile]
        return profile

    def __contains__(self, link: object) -> bool:
        return link in self._known

    def __iter__(self) -> Iterator[Link]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


class Simulator:
    """Profiles in memory and a clock that only goes on when told. `sink` gets every record, in order.

    `provider` stands for all providers; `now` is virtual engine time in epoch ms. `turn` tells, while `sink`
    is called, whose turn it is within this instant: (0, number of the event) or (1, profile id).
    """

    def __init__(
        self,
        plan: Plan,
        render: Render,
        sink: Callable[[Record], None],
        provider: Callable[[Outgoing], SendOutcome] = accept,
        mine: Callable[[Event], bool] = lambda event: True,
    ) -> None:
        self.plan = plan
        self.render = render
        self.sink = sink
        self.provider = provider
        self.mine = mine
        self.now = 0
        self.turn: tuple[int, int, str] = (0, 0, "")
        self._fed = 0
        self.profiles: dict[str, Profile] = {}
        self._known: dict[tuple[str, str], str] = {}
        self._strong = plan.vocabulary.strong
        self._order = tuple(plan.vocabulary.identifiers)
        self._seen: set[str] = set()
        # merged profiles, and where they went
        self.moved: dict[str, str] = {}
        self._homes = Homes(self._known, self.moved)
        # (due, what, id): 0 a profile's timers, 1 an outbox row; `_wake` holds the valid due of a profile
        self._agenda: list[tuple[int, int, str, str]] = []
        self._wake: dict[str, int] = {}
        # messages that may leave at once, the next one last
        self._ready: list[tuple[str, str]] = []
        self._book = MemoryBook()
        self.lessons = MemoryLessons(plan.policies.learning.half_life)
        self.flags = Flags(learned=self.lessons)
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Profile).decode

    def feed(self, event: Event) -> str:
        """Bring the clock to the event's arrival, everything due before it done, and process it.

        Returns '' or why nothing happened: 'duplicate', or 'elsewhere' for a customer that is not ours.
        """
        received = max(self.now, event.received)
        self.run_until(received, events_at=True)
        self.now = received
        self._fed += 1
        self.turn = (0, self._fed, "")
        if event.id in self._seen:
            return "duplicate"
        self._seen.add(event.id)
        event = arrive(event, received)
        who = resolve(event.profile, self._order, self._homes, self._strong)
        self._known.update(dict.fromkeys(who.new_links, who.profile_id))
        self._known.update(who.facts)
        self.moved.update(dict.fromkeys(who.absorbs, who.profile_id))
        if not self.mine(event):
            return "elsewhere"
        for other in who.absorbs:
            self._merge(who.profile_id, other)
        if who.conflict:
            event = replace(event, note=noted(event, who.conflict))
        profile = self.profiles.get(who.profile_id)
        if profile is None:
            profile = self.profiles[who.profile_id] = Profile(id=who.profile_id, label=who.label)
        what = f"{event.name} {event.id}"
        self._decide(profile, lambda: handle_event(self.plan, profile, event, self.now, self.flags), what)
        self._let_out()
        return ""

    def home(self, profile: str) -> str:
        """The profile that this one was merged into, else itself."""
        return self._homes.home(profile)

    def _merge(self, keeper: str, other: str) -> None:
        """One profile takes another over."""
        absorbed = self.profiles.pop(other, None)
        if absorbed is None:
            return
        self._wake.pop(other, None)
        profile = self.profiles.get(keeper)
        if profile is None:
            profile = self.profiles[keeper] = Profile(id=keeper, label=absorbed.label)
        self._decide(profile, lambda: absorb(self.plan, profile, absorbed, self.now), f"merging {other}")

    def run_until(self, until: int, *, events_at: bool = False) -> None:
        """Do everything due up to `until`; with `events_at` only before it, as an event at `until` goes first."""
        self._let_out()
        while self._agenda and (self._agenda[0][0] < until or (self._agenda[0][0] == until and not events_at)):
            due, what, name, message = heappop(self._agenda)
            profile = self.profiles.get(name)
            if profile is None:  # merged into another, who has taken over what was due
                continue
            self.turn = (1, 0, name)
            if what == 0:
                if self._wake.get(name) != due:
                    continue
                del self._wake[name]
                self.now = max(self.now, due)
                self._decide(profile, lambda p=profile: handle_timers(self.plan, p, self.now, self.flags), "a timer")  # type: ignore[misc]
            else:
                self.now = max(self.now, due)
                self._ready.append((name, message))
            self._let_out()
        self.now = max(self.now, until) if not events_at else self.now

    def operate(self, flags: Flags) -> None:
        """An operator stops journeys, or lets them go on, now: everybody is looked at."""
        self.flags = flags = dataclasses.replace(flags, learned=self.lessons)
        for name, profile in sorted(self.profiles.items()):
            self.turn = (1, 0, name)
            self._decide(profile, lambda p=profile: handle_timers(self.plan, p, self.now, flags), "an operator")  # type: ignore[misc]
            self._let_out()

    def next_due(self) -> int | None:
        """When something is due next (epoch ms); None when nothing waits for time."""
        return self._agenda[0][0] if self._agenda else None

    def _decide(self, profile: Profile, call: Callable[[], Walk], what: str) -> Walk | None:
        """One call into the core. A fault of the core leaves the profile as it was and is put on record."""
        # the history, nearly all of a profile, is only ever added to or cut: its lists are copied, not encoded
        history, profile.history = profile.history, {}
        before = self._encode(profile)
        profile.history = history
        kept = {name: past[:] for name, past in history.items()}
        try:
            walk = call()
        except Exception as fault:
            restored = self.profiles[profile.id] = self._decode(before)
            restored.history = kept
            reason = f"decision_fault: {what}: {type(fault).__name__}: {fault}"
            self.sink(Record(at=self.now, profile=profile.id, label=profile.label, kind="set_aside", reason=reason))
            return None
        self._commit(walk)
        return walk

    def _commit(self, walk: Walk) -> None:
        profile = walk.profile
        self._book.hear(walk.said)
        self.lessons.add(walk.tried)
        profile.version += 1
        for record in walk.records:
            self.sink(record)
        due = profile.next_due()
        if due is not None and self._wake.get(profile.id) != due:
            self._wake[profile.id] = due
            heappush(self._agenda, (due, 0, profile.id, ""))
        elif due is None:
            self._wake.pop(profile.id, None)
        for row in walk.rows:
            if row.due > self.now:
                heappush(self._agenda, (row.due, 1, profile.id, row.message))
        self._ready += [(profile.id, row.message) for row in reversed(walk.rows) if row.due <= self.now]

    def _let_out(self) -> None:
        """Let go what may leave at once, and what that brings about."""
        while self._ready:
            name, message = self._ready.pop()
            profile = self.profiles.get(name)
            if profile is None:
                continue
            about = concerns(self.plan, profile, message)
            book = self._book.of(about, name, self.now)
            walk = self._decide(
                profile,
                lambda p=profile, m=message, b=book: leave(self.plan, p, m, self.now, self.render, self.flags, b),  # type: ignore[misc]
                f"leaving {message}",
            )
            if walk is None or walk.outgoing is None:
                continue
            self._book.take(about, name, self.now)
            outcome = self.provider(walk.outgoing)
            self._decide(
                profile,
                lambda p=profile, m=message, o=outcome: settle(self.plan, p, m, o, self.now, self.flags),  # type: ignore[misc]
                f"the end of {message}",
            )
