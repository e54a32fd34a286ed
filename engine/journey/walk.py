"""One decision in the making: the profile it works on and what it has brought about so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from engine.model.address import Said
from engine.model.condition import EMPTY, Path, Scope
from engine.model.event import Event
from engine.model.flags import NO_FLAGS, Flags
from engine.model.flow import BETWEEN, COUNTED
from engine.model.learned import Tried
from engine.model.message import Message, Outgoing
from engine.model.plan import Journey, Plan, Step
from engine.model.problem import NOWHERE, Place
from engine.model.profile import Enrolment, Profile
from engine.model.record import Kind, Reason, Record, Row, Told
from engine.policy.consent import reach
from engine.policy.wallclock import customer_zone

NOBODY: frozenset[str] = frozenset()
COMING_AND_GOING = ("started", "moved", "ended")


class Walk:
    """Working state of one call into the core.

    Takes `profile` over: the caller uses `walk.profile` afterwards and nothing it kept from before.
    `rows` are new lines of the outbox, `records` what happened and why, `story` the same with the steps that were
    come to (for the customer's timeline), `outgoing` the message to hand to a provider now (if any), `emitted` the
    events of `emit` steps that are still to be processed, `said` what is to be remembered about addresses (before
    anything else is written), `tried` what was learned of actions, `flows` what is counted of journeys (see `count`).
    `now` is engine time in epoch ms.
    """

    __slots__ = (
        "depth",
        "emitted",
        "event",
        "flags",
        "flows",
        "late",
        "now",
        "outgoing",
        "plan",
        "profile",
        "records",
        "rows",
        "said",
        "story",
        "tried",
    )

    def __init__(self, plan: Plan, profile: Profile, now: int, flags: Flags = NO_FLAGS) -> None:
        self.plan = plan
        self.profile = profile
        self.now = now
        self.flags = flags
        self.event: Event | None = None
        self.late = False
        self.rows: list[Row] = []
        self.records: list[Record] = []
        self.story: list[Told] = []
        self.outgoing: Outgoing | None = None
        self.emitted: list[Event] = []
        self.depth = 0
        self.said: list[Said] = []
        self.tried: list[Tried] = []
        self.flows: dict[str, int] = {}

    def say(self, said: Said) -> None:
        """Note a statement about an address, the customer's own where it names none."""
        facts = self.plan.channels.get(said.channel)
        if facts is None or facts.shared:
            return
        address = facts.normalise(said.address or self.profile.attributes.get(facts.address))
        if address is not None:
            self.said.append(replace(said, address=address))

    def journey(self, run: Enrolment) -> Journey | None:
        """The journey as `run` entered it."""
        return self.plan.journey(run.journey, run.version)

    def objects(self, start: Mapping[str, Any], key: str = "") -> dict[str, Mapping[str, Any]]:
        """The declared objects that a start event (or the enrolment's key) names, in their newest state."""
        found: dict[str, Mapping[str, Any]] = {}
        for kind in self.plan.vocabulary.objects.values():
            held = self.profile.objects.get(kind.name)
            if not held:
                continue
            thing = held.get(str(start.get(kind.id) or key))
            if thing is not None:
                found[kind.name] = thing.data
        return found

    @property
    def customer(self) -> Mapping[str, Any]:
        """The customer's attributes; what is counted and has not begun is 0."""
        zeros, known = self.plan.vocabulary.zeros, self.profile.attributes
        return known if zeros.keys() <= known.keys() else {**zeros, **known}

    def scope(
        self, start: Mapping[str, Any] = EMPTY, event: Mapping[str, Any] = EMPTY, key: str = "", skip: str = ""
    ) -> Scope:
        """What a condition sees for an enrolment (or a would-be one) that began with `start`."""
        return Scope(
            now=self.now,
            customer=self.customer,
            event=event,
            start=start,
            objects=self.objects(start, key) if self.plan.vocabulary.objects else EMPTY,
            history=self.profile.history,
            segments=frozenset(self.profile.segments) if self.profile.segments else NOBODY,
            skip=skip,
            zone=customer_zone(self.profile, self.plan.policies),
            reaches=self.reach,
        )

    def reach(self) -> Mapping[str, list[str]]:
        """Purpose -> channels by which a message of it may reach the customer now."""
        return reach(self.profile, self.plan)

    def run_scope(self, run: Enrolment) -> Scope:
        """What a condition sees at a step of `run`."""
        return self.scope(run.start, run.event, run.key)

    def read(self, run: Enrolment, path: Path) -> Any:
        """What a property is for `run` right now; None when it is not known."""
        scope = self.run_scope(run)
        roots = {"event": scope.event, "start": scope.start, "customer": scope.customer, **scope.objects}
        here: Any = roots.get(path.root)
        for name in path.names:
            here = here.get(name) if isinstance(here, Mapping) else None
        return here

    def record(
        self,
        kind: Kind,
        *,
        run: Enrolment | None = None,
        message: Message | None = None,
        reason: Reason | None = None,
        channel: str = "",
        place: Place = NOWHERE,
        until: int | None = None,
        extra: dict[str, Any] | None = None,
        journey: str = "",
    ) -> None:
        """Keep what happened, with its reason and the place of the rule (else of the step)."""
        where = reason.place if reason is not None and reason.place else str(place) if place.line else ""
        within = run
        if run is None and message is not None:
            within = self.profile.enrolments.get(message.enrolment)
        made = Record(
            at=self.now,
            profile=self.profile.id,
            label=self.profile.label,
            kind=kind,
            journey=run.journey if run else message.journey if message else journey,
            key=run.key if run else message.key if message else "",
            step=message.step if message else run.step if run else "",
            message=message.name if message else "",
            id=message.id if message else run.id if run else "",
            channel=channel,
            reason=str(reason) if reason is not None else "",
            place=where,
            until=until,
            extra=extra,
            version=within.version if within is not None else message.version if message else "",
            purpose=message.purpose if message else "",
        )
        if message is not None and message.to:
            made = replace(made, extra={"to": message.to, **(extra or {})})
        self.records.append(made)
        self.story.append(Told.of(made))
        if kind in COUNTED and made.journey:
            rule = reason.rule if reason is not None and kind != "sent" else ""
            more = run.held_out if run is not None and kind in COMING_AND_GOING else channel
            self.count(made.journey, made.version, kind, made.step, rule, more)

    def count(self, journey: str, version: str, what: str, step: str = "", rule: str = "", more: str = "") -> None:
        """Raise a counter: see `Flow`."""
        name = BETWEEN.join((journey, version, what, step, rule, more))
        self.flows[name] = self.flows.get(name, 0) + 1

    def take_before(self, other: Walk) -> None:
        """What happened in `other` happened before what happened here."""
        self.records[:0] = other.records
        for name, more in other.flows.items():
            self.flows[name] = self.flows.get(name, 0) + more

    def came_to(self, run: Enrolment, step: Step, why: str = "") -> None:
        """Tell in the timeline, and nowhere else, that `run` came to a step that makes no record of its own."""
        self.story.append(
            Told(
                at=self.now,
                kind="step",
                journey=run.journey,
                version=run.version,
                step=step.id,
                message=step.verb.name,
                reason=why,
                place=str(step.place),
                key=run.key,
                until=run.due,
                id=run.id,
            )
        )
