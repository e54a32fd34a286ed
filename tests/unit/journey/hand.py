"""The core called by hand, one call at a time: what the runtime does, without a simulator in between."""

from __future__ import annotations

from typing import Any

from engine.define.events import read_event
from engine.journey.arrival import arrive
from engine.journey.core import handle_event, handle_timers
from engine.journey.leave import leave
from engine.journey.recover import recover
from engine.journey.settle import settle
from engine.journey.walk import Walk
from engine.model.flags import Flags
from engine.model.message import SendOutcome
from engine.model.profile import Profile
from engine.model.record import Record
from tests.story import compiled, ms

ACCEPTED = SendOutcome("accepted")
# One message by e-mail, else by SMS, as soon as something is booked.
NOTE = """
journey: note
start: {event: booked, key: event.booking_id}
goal: order_placed
steps:
  - send: m1
    via: [email, sms]
"""
DAYTIME = "2026-06-01T10:00:00Z"


class Hand:
    """One customer, Ana, reachable by e-mail, SMS and push. All instants are ISO text."""

    def __init__(self, *journeys: str, agrees: tuple[str, ...] = ("email", "sms"), **options: Any) -> None:
        self.compiled = compiled(*journeys, **options)
        self.plan = self.compiled.plan
        self.flags = Flags()
        self.profile = Profile(id="cana", label="customer_id:ana")
        self.records: list[Record] = []
        self._count = 0
        self.event("2026-05-01T08:00:00Z", "joined", push_token="t1", first_name="Ana")
        for channel in agrees:
            self.event("2026-05-01T08:00:00Z", "consent_changed", channel=channel, state="granted")

    def event(self, at: str, name: str, *, received: str | None = None, id: str = "", **properties: Any) -> Walk:
        """One event of Ana, arriving when it happens unless `received` says otherwise."""
        self._count += 1
        raw = {
            "id": id or f"e{self._count}",
            "event": name,
            "profile": {"customer_id": "ana", "email": "ana@example.com", "phone": "+33612345678"},
            "at": at,
            "channel": "web",
            "properties": properties,
        }
        arrival = ms(received or at)
        event = arrive(read_event(self.plan.vocabulary, raw, arrival), arrival)
        return self._keep(handle_event(self.plan, self.profile, event, arrival, self.flags))

    def timers(self, at: str) -> Walk:
        return self._keep(handle_timers(self.plan, self.profile, ms(at), self.flags))

    def leave(self, at: str) -> Walk:
        """Ask the gate about the one message there is."""
        render = self.compiled.renderer.render
        return self._keep(leave(self.plan, self.profile, self.message, ms(at), render, self.flags))

    def settle(self, at: str, outcome: SendOutcome = ACCEPTED, *, repeated: bool = False) -> Walk:
        return self._keep(settle(self.plan, self.profile, self.message, outcome, ms(at), repeated=repeated))

    def recover(self, at: str, *, repeatable: bool) -> Walk:
        render = self.compiled.renderer.render
        found = recover(self.plan, self.profile, self.message, ms(at), render, repeatable=repeatable, flags=self.flags)
        return self._keep(found)

    @property
    def message(self) -> str:
        """The id of the message that is on its way."""
        return next(iter(self.profile.messages), "none")

    @property
    def told(self) -> list[str]:
        """'kind: reason' of all records so far, without starts."""
        return [f"{r.kind}: {r.reason}".removesuffix(": ") for r in self.records if r.kind != "started"]

    def _keep(self, walk: Walk) -> Walk:
        self.profile = walk.profile
        self.records += walk.records
        return walk
