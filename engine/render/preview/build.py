"""What a preview shows: every message x channel x language x customer, rendered, or the reason why it is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine.journey.steps.send import sends
from engine.journey.steps.suggest import Offered
from engine.journey.steps.wait_for import Awaited
from engine.model.errors import RenderFailed
from engine.model.plan import Journey, Plan
from engine.model.policy import INTERNAL
from engine.model.problem import Problem
from engine.render.parts import CHANNELS
from engine.render.preview.personas import PERSONAS, Maker, Persona, personas_of
from engine.render.preview.sms import Length, measure
from engine.render.renderer import Renderer

# How a suggested action is written: by whoever stands before the customer.
ACTION = "store"


@dataclass(frozen=True, slots=True)
class Use:
    """One step that sends or suggests a message; `where` are its channels or its placements."""

    journey: str
    step: str
    place: str
    where: tuple[str, ...]
    purpose: str
    action: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """One rendering: its parts, or `fault` with the `place` (file:line) it lies at."""

    channel: str
    locale: str
    persona: str
    parts: dict[str, str] = field(default_factory=dict)
    fault: str = ""
    place: str = ""
    length: Length | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """One message, the steps that use it, the channels they use, and its renderings."""

    name: str
    uses: tuple[Use, ...]
    channels: tuple[str, ...]
    views: tuple[View, ...]

    @property
    def unused(self) -> tuple[str, ...]:
        """The channels by which no step sends it."""
        return tuple(name for name in CHANNELS if name not in self.channels)

    @property
    def faults(self) -> int:
        """How many of its renderings fail."""
        return sum(1 for view in self.views if view.fault)


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything the page needs. `problems` are those of the whole workspace."""

    brand: str
    sender: str
    locales: tuple[str, ...]
    messages: tuple[Shown, ...]
    problems: tuple[Problem, ...] = ()
    personas: tuple[Persona, ...] = PERSONAS

    @property
    def renderings(self) -> int:
        return sum(len(message.views) for message in self.messages)

    @property
    def faults(self) -> int:
        return sum(message.faults for message in self.messages)


def build(plan: Plan, renderer: Renderer, problems: Sequence[Problem] = ()) -> Preview:
    """Render all messages. A message that fails is shown with its reason; nothing is raised for it."""
    uses = list(uses_of(plan))
    personas = personas_of(plan.brand)
    makers = {locale: Maker(plan, locale) for locale in renderer.locales}
    messages = tuple(
        _shown(name, tuple(use for message, use in uses if message == name), plan, renderer, makers, personas)
        for name in sorted(renderer.messages())
    )
    sender = plan.brand.get("sender") or {}
    brand = str(plan.brand.get("name") or "Parcours")
    return Preview(brand, str(sender.get("name") or brand), renderer.locales, messages, tuple(problems), personas)


def uses_of(plan: Plan) -> Iterator[tuple[str, Use]]:
    """Every step that sends or suggests a message, with the message's name."""
    for journey in sorted(plan.journeys.values(), key=lambda each: each.name):
        for step in journey.steps.values():
            place = str(step.place)
            for each in sends(step.spec):
                yield each.message, Use(journey.name, step.id, place, each.via, each.purpose)
            if isinstance(step.spec, Offered):
                yield (
                    step.spec.action,
                    Use(journey.name, step.id, place, step.spec.placements, journey.purpose, action=True),
                )


def build_one(plan: Plan, renderer: Renderer, name: str, locale: str, persona: Persona) -> Shown:
    """One message in one language for one customer, on all channels: also on those by which no step sends it.

    What fails is shown with its reason. `uses` and `channels` are as in a whole preview.
    """
    uses = tuple(use for message, use in uses_of(plan) if message == name)
    channels = channels_of(uses)
    roots = _roots(Maker(plan, locale), plan, uses, persona)
    views = tuple(_view(renderer, name, channel, locale, persona, roots) for channel in CHANNELS)
    return Shown(name, uses, channels, views)


def channels_of(uses: Sequence[Use]) -> tuple[str, ...]:
    """The channels by which these steps send a message."""
    wanted = {channel for use in uses if not use.action for channel in use.where}
    wanted |= {ACTION for use in uses if use.action}
    return tuple(channel for channel in CHANNELS if channel in wanted)


def _shown(
    name: str,
    uses: tuple[Use, ...],
    plan: Plan,
    renderer: Renderer,
    makers: dict[str, Maker],
    personas: Sequence[Persona],
) -> Shown:
    channels = channels_of(uses)
    views: list[View] = []
    for channel in channels:
        for locale in renderer.locales:
            for persona in personas:
                roots = _roots(makers[locale], plan, uses, persona)
                views.append(_view(renderer, name, channel, locale, persona, roots))
    return Shown(name, uses, channels, tuple(views))


def _roots(maker: Maker, plan: Plan, uses: Sequence[Use], persona: Persona) -> dict[str, object]:
    """What a message sees of a made-up customer, and of a journey that sends it."""
    journeys = [plan.journeys[journey] for journey in dict.fromkeys(use.journey for use in uses)]
    starts = list(dict.fromkeys(journey.start.event for journey in journeys))
    awaited = list(dict.fromkeys(event for journey in journeys for event in _awaited(journey)))
    purpose = {**plan.policies.purposes, INTERNAL.name: INTERNAL}.get(uses[0].purpose) if uses else None
    return {
        **maker.roots(persona, starts, awaited),
        "journey": uses[0].journey if uses else "",
        "message_id": "preview",
        "transactional": purpose is not None and purpose.transactional,
    }


def _awaited(journey: Journey) -> list[str]:
    return [step.spec.event for step in journey.steps.values() if isinstance(step.spec, Awaited)]


def _view(renderer: Renderer, name: str, channel: str, locale: str, persona: Persona, roots: dict[str, object]) -> View:
    try:
        parts = renderer.render(name, channel, locale, roots).parts
    except RenderFailed as fault:
        return View(channel, locale, persona.name, fault=fault.reason, place=fault.place)
    length = measure(parts["text"]) if channel == "sms" else None
    return View(channel, locale, persona.name, parts, length=length)
