"""An invented customer who has everything that is declared, and all messages rendered for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.define.checks.rule import Placed, Workspace, Written, template_file
from engine.define.condition import ENVELOPE
from engine.journey.steps.send import Sending, sends
from engine.journey.steps.wait_for import Awaited
from engine.model.errors import RenderFailed
from engine.model.message import Rendered
from engine.model.plan import Journey
from engine.model.policy import Purpose
from engine.model.vocabulary import Type

NOON = 1_772_449_200_000  # 2026-03-02T11:00:00Z, a Monday
_WORDS = {"currency": "EUR", "country": "FR", "first_name": "Ana", "last_name": "Martin", "phone": "+33612345678"}


@dataclass(frozen=True, slots=True)
class Use:
    """One `send` of one journey."""

    written: Written
    placed: Placed
    spec: Sending
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as one step sends it by one channel in one language: its parts, or why there are none."""

    use: Use
    channel: str
    locale: str
    rendered: Rendered | None
    failed: RenderFailed | None

    @property
    def file(self) -> str:
        return template_file(self.use.spec.message)


def uses(workspace: Workspace) -> Iterator[Use]:
    """All sends whose message and purpose are known."""
    messages, policies = workspace.renderer.messages(), workspace.plan.policies
    for written in workspace.journeys:
        for placed in written.steps:
            for spec in sends(placed.step.spec):
                if spec.message in messages and (spec.to or spec.purpose in policies.purposes):
                    yield Use(written, placed, spec, policies.purpose(spec.purpose))


def render_all(workspace: Workspace) -> Iterator[Shown]:
    """Each message once for each channel, language and kind of data it is sent with."""
    done: set[tuple[object, ...]] = set()
    for use in uses(workspace):
        journey = use.written.journey
        if not declared(workspace, journey):
            continue  # whatever fails then was said already
        for channel in use.spec.via:
            sort = (use.spec.message, channel, use.purpose.transactional, journey.start.event, tuple(awaited(journey)))
            if sort in done:
                continue
            done.add(sort)
            roots = persona(workspace, use)
            for locale in workspace.sound_locales:
                roots["customer"]["locale"] = locale
                try:
                    rendered = workspace.renderer.render(use.spec.message, channel, locale, roots)
                except RenderFailed as fault:
                    yield Shown(use, channel, locale, None, fault)
                else:
                    yield Shown(use, channel, locale, rendered, None)


def awaited(journey: Journey) -> list[str]:
    """The events that a journey waits for, sorted."""
    return sorted({step.spec.event for step in journey.steps.values() if isinstance(step.spec, Awaited)})


def declared(workspace: Workspace, journey: Journey) -> bool:
    """Whether all events are known that a journey's messages may read."""
    named = [name for name in (journey.start.event, *awaited(journey)) if name]
    return all(name in workspace.plan.vocabulary.events for name in named)


def fields(workspace: Workspace, journey: Journey) -> dict[str, Mapping[str, Type]]:
    """What the roots of a journey's messages have."""
    vocabulary = workspace.plan.vocabulary
    started = vocabulary.events.get(journey.start.event)
    at_start = {**ENVELOPE, **(started.properties if started is not None else {})}
    seen = dict(at_start)
    for name in awaited(journey):
        event = vocabulary.events.get(name)
        seen.update(event.properties if event is not None else {})
    for written in (each for each in workspace.journeys if each.journey is journey):
        seen.update(_answers(written))
    customer = {name: each.type for name, each in vocabulary.attributes.items()}
    objects = {name: kind.fields for name, kind in vocabulary.objects.items()}
    return {"start": at_start, "event": seen, "customer": customer, **objects}


def _answers(written: Written) -> dict[str, Type]:
    """What the services that a journey calls answer: read as `event.name` afterwards."""
    found: dict[str, Type] = {}
    for placed in written.steps:
        raw = written.raw(placed.path).get("answer")
        found.update({name: _type(each) for name, each in raw.items()} if isinstance(raw, dict) else {})
    return found


def _type(written: Any) -> Type:
    if isinstance(written, dict):
        return Type("item", fields={name: _type(each) for name, each in written.items()})
    if isinstance(written, list):
        return Type("list", of=_type(written[0]) if written else None)
    return Type(str(written))


def persona(workspace: Workspace, use: Use) -> dict[str, Any]:
    """Roots for one send, everything declared filled in."""
    known = workspace.reads(use.spec.message).lookups
    catalog = workspace.plan.catalog
    roots: dict[str, Any] = {}
    for root, types in fields(workspace, use.written.journey).items():
        roots[root] = {
            name: next(iter(catalog.get(known.get((root, name), ""), ())), None) or value(name, kind)
            for name, kind in types.items()
        }
    roots["customer"] |= {"timezone": workspace.plan.policies.timezone, "email": "ana@example.com"}
    return {
        **roots,
        "context": {},
        "journey": use.written.journey.name,
        "message_id": "preview",
        "transactional": use.purpose.transactional,
    }


def value(name: str, kind: Type) -> Any:
    """A value of a declared type, of a length that is met every day."""
    if kind.name == "text":
        if any(word in name for word in ("url", "link", "image", "picture", "photo")):
            return "https://shop.example/x"
        return _WORDS.get(name) or ("A7B2C3" if name.endswith(("id", "sku", "code")) else name.replace("_", " ")[:12])
    if kind.name == "list":
        of = kind.of or Type("text")
        return [value(name, of), value(name, of)]
    if kind.name == "item":
        return {inner: value(inner, of) for inner, of in kind.fields.items()}
    return {"number": 24.5, "integer": 2, "yes_no": True, "date": "2026-03-02", "instant": NOON}.get(kind.name)
