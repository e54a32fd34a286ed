"""Random histories for properties: events, lateness, repeats, provider answers, and a ledger of what really left."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
from hypothesis import strategies as st

from engine.journey.arrival import arrive
from engine.journey.core import handle_event, handle_timers
from engine.journey.leave import leave
from engine.journey.settle import settle
from engine.journey.walk import Walk
from engine.model.errors import Conflict
from engine.model.event import Event
from engine.model.flags import Flags, How
from engine.model.message import Outgoing, SendOutcome
from engine.model.profile import Profile
from engine.model.record import Record, Row
from engine.model.span import DAY, HOUR, MINUTE
from engine.policy.standing import RUNS, Standing, flags_of, killed, paused, resumed
from tests.story import compiled, ms

POLICIES = """
policies:
  timezone: Europe/Paris
  purposes: {marketing: {}, service: {transactional: true}}
  quiet_hours: {window: "21:00-08:00", channels: [email, push, sms], also: [sundays]}
  caps:
    - {limit: 1 per calendar day, channels: [email], purpose: marketing}
    - {limit: 3 per 48h, purpose: marketing}
  suppress: [{when: customer.open_cases > 0, purpose: marketing, lasts: 6h after}]
"""
JOURNEYS = (
    """
journey: basket
start: {event: basket_updated, key: event.basket_id, idle_for: 2h}
goal: order_placed
stop_if: [basket_emptied where basket_id is start.basket_id, customer.tier is gold]
steps:
  - send: m1
    via: [push, email, sms]
    try_next_after: 3h
  - wait_for: basket_viewed
    where: basket_id is start.basket_id
    up_to: 1d
    then: [{send: m2, via: [email, sms], on_cap: next_channel}]
    on_timeout:
      - if: basket.total > 50
        then: [{send: m3, via: [email], on_quiet: skip}]
        otherwise: [{stop: small}]
""",
    """
journey: notice
purpose: service
start: {event: booked, key: event.booking_id, again: after 1h}
stop_if: cancelled where booking_id is start.booking_id
steps:
  - send: m4
    via: [sms, email]
  - repeat: 2
    steps:
      - wait: 5h
      - send: m2
        via: [email, push]
        purpose: marketing
        time_to_live: 8h
""",
)
PLAN = compiled(*JOURNEYS, policies=POLICIES)
BEGIN = ms("2026-03-27T06:00:00Z")  # a Friday; the clocks change on Sunday

NAMES: dict[str, dict[str, Any]] = {
    "basket_updated": {"basket_id": ["b1", "b2"], "total": [10, 60]},
    "basket_viewed": {"basket_id": ["b1", "b2"]},
    "basket_emptied": {"basket_id": ["b1", "b2"]},
    "order_placed": {"order_id": ["o1"]},
    "booked": {"booking_id": ["k1", "k2"]},
    "cancelled": {"booking_id": ["k1", "k2"]},
    "moved": {"timezone": ["America/New_York", "Asia/Tokyo", "Europe/Paris"]},
    "tier_changed": {"tier": ["silver", "gold"], "version": [1, 2, 3]},
    "case_opened": {"case_id": ["c1", "c2"]},
    "case_closed": {"case_id": ["c1", "c2"]},
    "consent_changed": {"channel": ["email", "push", "sms"], "state": ["granted", "denied"]},
    "unsubscribed": {"channel": ["email", "push", "sms"]},
    "bounced": {"channel": ["email"], "kind": ["hard", "soft"], "address": ["ana@example.com"]},
}


@dataclass(frozen=True)
class Happens:
    """What happens next: `after` ms later, an event that is `late` ms old (id `repeat` = one told before)."""

    after: int
    name: str
    properties: dict[str, Any]
    late: int
    repeat: bool


def _happens(name: str) -> st.SearchStrategy[Happens]:
    properties = st.fixed_dictionaries({key: st.sampled_from(values) for key, values in NAMES[name].items()})
    after = st.sampled_from([0, 1, MINUTE, HOUR, 2 * HOUR, 5 * HOUR, 11 * HOUR, DAY])
    late = st.sampled_from([0, 0, 0, 1, HOUR, 3 * DAY, -MINUTE, -HOUR])
    return st.builds(Happens, after, st.just(name), properties, late, st.integers(0, 9).map(lambda n: n == 0))


_HAPPENS = st.sampled_from([*NAMES, "basket_updated", "basket_updated", "booked", "booked"]).flatmap(_happens)
LIVES = st.lists(_HAPPENS, min_size=15, max_size=45)


@dataclass(frozen=True)
class Says:
    """What an operator says `after` ms: pause, kill or resume a journey or all ('*'), and how it goes on."""

    after: int
    word: str
    name: str
    how: How


_SAYS = st.builds(
    Says,
    st.sampled_from([0, 1, MINUTE, HOUR, 5 * HOUR, DAY]),
    st.sampled_from(["pause", "pause", "resume", "resume", "kill"]),
    st.sampled_from(["basket", "notice", "*"]),
    st.sampled_from(["continue", "shift", "expire"]),
)
OPERATED = st.lists(st.one_of(_HAPPENS, _HAPPENS, _SAYS), min_size=15, max_size=45)
# What providers say, in turn; a provider that never takes anything is a case of its own.
_ANSWER = st.sampled_from(["accepted"] * 6 + ["retry", "retry", "refused", "bad_address", "unknown"])
ANSWERS = st.lists(_ANSWER, min_size=6, max_size=12).map(lambda given: ["accepted", *given])


@dataclass
class World:
    """One customer's life. Every decision is made twice, on the profile and on a copy of its bytes."""

    answers: list[str]
    now: int = BEGIN
    profile: Profile = field(default_factory=lambda: Profile(id="cana", label="customer_id:ana"))
    records: list[Record] = field(default_factory=list)
    left: list[tuple[Outgoing, Profile]] = field(default_factory=list)
    outcomes: list[tuple[Outgoing, str]] = field(default_factory=list)
    rows: list[tuple[int, int, Row]] = field(default_factory=list)
    told: list[Event] = field(default_factory=list)
    standing: dict[str, Standing] = field(default_factory=dict)
    flags: Flags = field(default_factory=Flags)
    deaf: bool = False
    counted: int = 0

    def begin(self) -> None:
        """Ana is known, reachable everywhere, and has agreed to e-mail and push."""
        self.event("joined", {"push_token": "t1", "first_name": "Ana"})
        for channel in ("email", "push"):
            self.event("consent_changed", {"channel": channel, "state": "granted"})

    def event(self, name: str, properties: dict[str, Any], late: int = 0) -> None:
        profile = {"customer_id": "ana", "email": "ana@example.com", "phone": "+33612345678"}
        event = Event(
            id=f"e{len(self.told)}",
            name=name,
            profile=profile,
            at=self.now - late,
            received=self.now,
            channel="web",
            properties=properties,
        )
        self.told.append(event)
        came = arrive(event, self.now)
        self.decide(lambda profile: handle_event(PLAN.plan, profile, came, self.now, self.flags))

    def happen(self, what: Happens) -> None:
        """Time goes on, then the event; one that was told before is not told again (its id is known)."""
        self.until(self.now + what.after)
        if not what.repeat:
            self.event(what.name, what.properties, what.late)

    def say(self, what: Says) -> None:
        """An operator speaks; what makes no sense is refused. Unless `deaf`, the customer is looked at then."""
        self.until(self.now + what.after)
        name, before = what.name, self.standing.get(what.name, RUNS)
        try:
            if what.word == "resume":
                how = what.how if before.word == "paused" else None
                self.standing[name] = resumed(name, before, how, self.now, "ana")
            else:
                to = paused if what.word == "pause" else killed
                self.standing[name] = to(name, before, self.now, "ana")
        except Conflict:
            return
        self.flags = flags_of(self.standing)
        if not self.deaf:
            self.decide(lambda profile: handle_timers(PLAN.plan, profile, self.now, self.flags))

    def until(self, instant: int) -> None:
        """Timers and outbox rows that are due before `instant`, in order of time."""
        while True:
            row = min(self.rows, default=None)
            timer = self.profile.next_due()
            due = min(each for each in (timer, row[0] if row else None, instant) if each is not None)
            if due >= instant:
                break
            self.now = max(self.now, due)
            if timer is not None and timer == due:
                self.decide(lambda profile: handle_timers(PLAN.plan, profile, self.now, self.flags))
            elif row is not None:
                self.rows.remove(row)
                self.leave(row[2].message)
        self.now = max(self.now, instant)

    def leave(self, message: str) -> None:
        before = copy(self.profile)
        render = PLAN.renderer.render
        walk = self.decide(lambda profile: leave(PLAN.plan, profile, message, self.now, render, self.flags))
        if walk.outgoing is None:
            return
        kind = self.answers[len(self.left) % len(self.answers)]
        self.left.append((walk.outgoing, before))
        self.outcomes.append((walk.outgoing, kind))
        outcome = SendOutcome(kind, "x")  # type: ignore[arg-type]
        self.decide(lambda profile: settle(PLAN.plan, profile, message, outcome, self.now, self.flags))

    def decide(self, call: Any) -> Walk:
        """One call into the core, on the profile and on a copy of its bytes: the same must come of both."""
        other = copy(self.profile)
        walk: Walk = call(self.profile)
        again: Walk = call(other)
        assert (walk.records, walk.rows, walk.outgoing) == (again.records, again.rows, again.outgoing)
        assert walk.profile == again.profile
        self.profile = walk.profile
        assert copy(self.profile) == self.profile
        self.profile.version += 1
        self.records += walk.records
        for row in walk.rows:
            self.counted += 1
            self.rows.append((max(row.due, self.now), self.counted, row))
        return walk


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Profile).decode


def copy(profile: Profile) -> Profile:
    """The profile as a store gives it back."""
    return _decode(_encode(profile))
