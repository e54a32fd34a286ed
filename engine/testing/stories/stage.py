"""The stage of one case: the simulator with the story's customers, chances and providers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from engine.journey.conclude import conclude
from engine.journey.identity import bears
from engine.journey.react import suppress
from engine.journey.steps.split import Split
from engine.journey.walk import Walk
from engine.journey.wording import Render
from engine.model.event import Event
from engine.model.message import CALL, Outgoing, SendOutcome
from engine.model.plan import Journey, Plan
from engine.model.profile import Assigned, Profile
from engine.model.record import Record
from engine.testing.lessons import MemoryLessons
from engine.testing.simulator import Simulator, accept
from engine.testing.stories.model import Case, Outcome, Person
from engine.testing.stories.outcomes import SAID
from engine.testing.stories.people import seated


class Stage(Simulator):
    """One case in virtual time. `records` is everything that happened so far."""

    def __init__(self, plan: Plan, render: Render, case: Case) -> None:
        self.records: list[Record] = []
        self.outcomes: dict[str, Outcome] = dict(case.outcomes)
        self._answers = case.answers
        self._left: dict[tuple[str, str], Outgoing] = {}
        super().__init__(plan, render, self.records.append, self._provide)
        self.lessons = MemoryLessons(plan.policies.learning.half_life, draws=False)
        self.flags = replace(self.flags, learned=self.lessons)
        self.now = case.clock.instant
        arms = _arms(plan.journeys.values(), case.arms, self.now)
        self.ids = {name: self._seat(person, arms) for name, person in case.people.items()}

    def _seat(self, person: Person, arms: Mapping[str, Assigned]) -> str:
        profile = seated(self.plan, person, arms, self.now)
        self.profiles[profile.id] = profile
        for link in person.identifiers.items():
            self._known[link] = profile.id
            if link[0] in self.plan.vocabulary.strong:
                self._known[bears(link[0], profile.id)] = link[1]
        walk = Walk(self.plan, profile, self.now)
        for segment in self.plan.segments:
            if all(line.holds(walk.scope()) for line in segment.lines):
                profile.segments[segment.name] = self.now - 1
        suppress(walk)
        self._commit(conclude(walk))
        return profile.id

    def profile(self, customer: str) -> Profile:
        """The customer of that name as they are now."""
        return self.profiles[self.home(self.ids[customer])]

    def receipt(self, event: Event, about: str) -> Event | None:
        """`event` about the last message of that name that left to its customer; None when none has."""
        owner = next((self._known[link] for link in event.profile.items() if link in self._known), "")
        home = self.home(owner)
        left = ((each, out) for (each, name), out in reversed(self._left.items()) if name == about)
        sent = next((out for each, out in left if self.home(each) == home), None)
        if sent is None:
            return None
        properties: dict[str, Any] = {**event.properties, "message": sent.message_id}
        if event.name == "bounced":
            properties.setdefault("address", sent.address)
            properties.setdefault("channel", sent.channel)
        return msgspec.structs.replace(event, channel=event.channel or sent.channel, properties=properties)

    def _provide(self, outgoing: Outgoing) -> SendOutcome:
        if outgoing.channel == CALL:
            answer = self._answers.get(outgoing.message)
            return accept(outgoing) if answer is None else SendOutcome("accepted", answer=answer)
        outcome = self.outcomes.get(outgoing.channel)
        if outcome is None:
            return self._took(outgoing, accept(outgoing))
        said = "accepted" if outcome.until is not None and self.now >= outcome.until else outcome.kind
        return self._took(outgoing, SAID[said])

    def _took(self, outgoing: Outgoing, outcome: SendOutcome) -> SendOutcome:
        """Remember what may have arrived: a receipt may be about it."""
        if outcome.kind in ("accepted", "unknown"):
            self._left[outgoing.profile, outgoing.message] = outgoing
        return outcome


def _arms(journeys: Iterable[Journey], named: Mapping[str, str], now: int) -> dict[str, Assigned]:
    """The assignments that a profile keeps, for splits that the story names."""
    found: dict[str, Assigned] = {}
    for journey in journeys:
        for step in splits(journey):
            for name, arm in named.items():
                if is_split(step.id, name):
                    found[f"{journey.name}/{step.id}"] = Assigned(arm, now)
    return found


def splits(journey: Journey) -> list[Any]:
    """The `split` steps of a journey."""
    return [step for step in journey.steps.values() if step.verb.name == Split.name]


def is_split(step: str, name: str) -> bool:
    """Is the step with this id the split of that name? A split with an `id` of its own goes by that."""
    return step in (name, f"split:{name}") or step.startswith(f"split:{name}:")
