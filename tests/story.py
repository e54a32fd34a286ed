"""Stories for tests: a small workspace, events at instants, and what came of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any
from unittest.mock import patch

from engine.define.events import read_event
from engine.define.folder import with_shared
from engine.define.workspace import Compiled, compile_sources
from engine.model.message import Outgoing, SendOutcome
from engine.model.problem import Problem
from engine.model.profile import Profile
from engine.model.record import Record
from engine.policy.wallclock import iso
from engine.render.renderer import Renderer
from engine.testing.simulator import Simulator, accept

VOCABULARY = """
vocabulary:
  identifiers: {customer_id: strong, email: weak, phone: weak}
  addresses: {email: email, sms: phone, push: push_token, store: home_store}
  events:
    joined:
      properties: {first_name: text, push_token: text, home_store: text, timezone: text, locale: text}
    basket_updated:
      properties: {basket_id: text, total: number, tags: [text]}
    basket_viewed:
      properties: {basket_id: text}
    basket_emptied:
      properties: {basket_id: text}
    order_placed:
      properties: {order_id: text, total: number, store: text}
    booked:
      properties: {booking_id: text, departure: instant}
    cancelled:
      properties: {booking_id: text}
    moved:
      properties: {timezone: text}
    tier_changed:
      properties: {tier: text, version: integer}
    case_opened:
      properties: {case_id: text}
    case_closed:
      properties: {case_id: text}
  customer:
    first_name: {type: text, from: joined.first_name}
    push_token: {type: text, from: joined.push_token}
    home_store: {type: text, from: joined.home_store}
    locale: {type: text, from: joined.locale}
    timezone: {type: text, from: [joined.timezone, moved.timezone]}
    tier: {type: text, from: tier_changed.tier, version: tier_changed.version}
    orders: {count: order_placed}
    open_cases: {open: case_opened, close: case_closed, by: case_id}
  objects:
    basket: {id: basket_id, from: basket_updated, ends: basket_emptied}
"""
QUIET = """
policies:
  timezone: Europe/Paris
  purposes:
    marketing: {}
    service: {transactional: true}
  quiet_hours: {window: "21:00-08:00", channels: [email, push, sms]}
  calls: {stock: "https://stock.fernhill.example/left"}
"""
TEMPLATE = (
    "{% extends layout %}{% block headline %}Hello{% endblock %}{% block summary %}Some words.{% endblock %}"
    "{% block body %}Some words.{% endblock %}"
)
ANA = {"customer_id": "ana"}


def ms(text: str) -> int:
    """Epoch ms of an ISO instant."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def workspace(
    *journeys: str, policies: str = QUIET, vocabulary: str = VOCABULARY, others: Iterable[str] = (), **templates: str
) -> dict[str, str]:
    """Sources of a workspace. Messages `m1`..`m4` have a plain template unless one is given; more may be given.

    `others` are more YAML files: placements, segments.
    """
    sources = {"journeys/vocabulary.yaml": vocabulary, "journeys/policies.yaml": policies}
    sources |= {f"journeys/other_{number}.yaml": text for number, text in enumerate(others)}
    for journey in journeys:
        name = journey.split("journey:", 1)[1].split("\n", 1)[0].strip()
        sources[f"journeys/{name}.yaml"] = journey
    for name in sorted({"m1", "m2", "m3", "m4", *templates}):
        sources[f"templates/messages/{name}.j2"] = templates.get(name, TEMPLATE)
    return with_shared(sources)


class _CheckedOnce(Renderer):
    """Checking the same templates again is nearly all of a small test's time."""

    @cached_property
    def _found(self) -> list[Problem]:
        return super().problems()

    def problems(self) -> list[Problem]:
        return self._found


_renderers: dict[str, Renderer] = {}


def _renderer(templates: Mapping[str, str], brand: Mapping[str, Any], **rest: Any) -> Renderer:
    name = repr((sorted(templates.items()), brand, rest))
    if name not in _renderers:
        _renderers[name] = _CheckedOnce(templates, brand, **rest)
    return _renderers[name]


@lru_cache(maxsize=128)
def _compiled(sources: frozenset[tuple[str, str]]) -> Compiled:
    with patch("engine.define.workspace.Renderer", _renderer):
        return compile_sources(dict(sources)).sound()


def compiled(*journeys: str, **options: Any) -> Compiled:
    """A sound workspace, compiled; the same one once only. See `workspace`."""
    return _compiled(frozenset(workspace(*journeys, **options).items()))


class Story:
    """One run of the simulator. `outcomes` maps (message, channel) to what the provider says."""

    def __init__(self, *journeys: str, **options: Any) -> None:
        self.outcomes: dict[tuple[str, str], SendOutcome] = options.pop("outcomes", {})
        self.compiled = compiled(*journeys, **options)
        self.records: list[Record] = []
        self.outgoing: list[Outgoing] = []
        self.simulator = Simulator(
            self.compiled.plan, self.compiled.renderer.render, self.records.append, self._provide
        )
        self._count = 0

    def _provide(self, outgoing: Outgoing) -> SendOutcome:
        self.outgoing.append(outgoing)
        return self.outcomes.get((outgoing.message, outgoing.channel)) or accept(outgoing)

    def event(
        self,
        at: str,
        name: str,
        *,
        received: str | None = None,
        id: str | None = None,
        profile: dict[str, str] | None = None,
        channel: str = "web",
        **properties: Any,
    ) -> str:
        """One event of customer Ana (or of `profile`), at an ISO instant."""
        self._count += 1
        raw = {
            "id": id or f"e{self._count}",
            "event": name,
            "profile": profile or ANA,
            "at": at,
            "channel": channel,
            "properties": properties,
        }
        event = read_event(self.compiled.plan.vocabulary, raw, ms(received) if received else None)
        return self.simulator.feed(event)

    def join(self, at: str, *, agrees: tuple[str, ...] = ("email", "push"), **properties: Any) -> None:
        """Ana joins, reachable by e-mail, push and phone, and agrees to marketing on some channels."""
        profile = {"customer_id": "ana", "email": "ana@example.com", "phone": "+33612345678"}
        self.event(at, "joined", profile=profile, push_token="t1", **properties)
        for channel in agrees:
            self.event(at, "consent_changed", channel=channel, purpose="marketing", state="granted")

    def until(self, at: str) -> None:
        self.simulator.run_until(ms(at))

    def end(self) -> None:
        """Let everything that waits come to its end."""
        self.simulator.run_until(self.simulator.now + 400 * 86_400_000)

    def kinds(self, kind: str) -> list[str]:
        """'message by channel at instant' (or the journey) for all records of a kind."""
        return [
            f"{record.message or record.journey}{f' by {record.channel}' if record.channel else ''} {iso(record.at)}"
            for record in self.records
            if record.kind == kind
        ]

    @property
    def sent(self) -> list[str]:
        return self.kinds("sent")

    def reasons(self, kind: str) -> list[str]:
        return [record.reason for record in self.records if record.kind == kind]

    @property
    def ana(self) -> Profile:
        return next(iter(self.simulator.profiles.values()))
