"""The shipped workspace for tests: compiled once, told by events, and an invented customer to render for."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from engine.define.events import read_event
from engine.define.folder import compile_folder
from engine.define.workspace import Compiled
from engine.model.message import Outgoing
from engine.model.profile import Past
from engine.model.record import Record
from engine.testing.simulator import Simulator
from tests.story import ANA, Story

ROOT = Path(__file__).parents[3]
LINES = [
    {"sku": "boots", "name": "Trail boots", "quantity": 1, "price": 129.0},
    {"sku": "socks", "name": "Wool socks", "quantity": 2, "price": 12.5},
]


@cache
def starter() -> Compiled:
    """The journeys and templates of this repository. Raises DefinitionError when they are not sound."""
    return compile_folder(ROOT).sound()


class Life(Story):
    """One customer with all shipped journeys at once: what caps, quiet hours and cases make of them together."""

    def __init__(self) -> None:
        self.outcomes = {}
        self.compiled = starter()
        self.records: list[Record] = []
        self.outgoing: list[Outgoing] = []
        self.simulator = Simulator(
            self.compiled.plan, self.compiled.renderer.render, self.records.append, self._provide
        )
        self._count = 0

    def agree(self, at: str, *channels: str, purpose: str = "marketing") -> None:
        """Ana agrees to a purpose on some channels, each said where it is meant."""
        for channel in channels:
            self.event(at, "consent_changed", channel=channel, purpose=purpose, state="granted")

    def say(self, at: str, event: str, /, **properties: Any) -> None:
        """One event of Ana on the web, whatever its properties are called."""
        self._count += 1
        raw = {"id": f"e{self._count}", "event": event, "profile": ANA, "at": at, "channel": "web"}
        self.simulator.feed(read_event(self.compiled.plan.vocabulary, {**raw, "properties": properties}, None))

    def past(self, name: str) -> list[Past]:
        """The remembered events of one name, oldest first: also those that journeys emitted."""
        return self.ana.history.get(name, [])


def roots() -> dict[str, Any]:
    """What a message sees of a customer of whom everything is known; its products are as in the catalogue."""
    start = {
        "event": "order_collected",
        "channel": "web",
        "order_id": "A7",
        "basket_id": "b1",
        "return_id": "r1",
        "case_id": "c1",
        "sku": "boots",
        "store": "lyon",
        "amount": 45.5,
    }
    return {
        "customer": {
            "first_name": "Ana",
            "tier": "gold",
            "timezone": "Europe/Paris",
            "seen_sku": "boots",
            "seen_name": "Trail boots",
            "seen_price": 129.0,
            "seen_in_stores": ["lyon"],
        },
        "start": start,
        "event": start,
        "basket": {"total": 154.0, "lines": LINES},
        "order": {"total": 154.0, "lines": LINES},
        "product": {"sku": "boots", "name": "Trail boots", "price": 129.0, "stock": 4},
        "journey": "welcome",
        "message_id": "m-1",
    }
