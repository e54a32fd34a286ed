"""A shop with people in it, for whoever looks at the console: the repository's workspace, and what happened to Ana.

The offers at its placements are added here: the repository's own journeys put actions on the table, and declare none.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from engine.define.folder import read_folder
from engine.model.event import Event
from engine.model.ids import token
from engine.runtime.bells import Noted
from engine.runtime.clock import Clock
from engine.runtime.engine import Engine
from engine.runtime.plans import PublishedPlans, publish
from engine.runtime.pump import drain
from engine.runtime.senders import FixedSenders
from engine.runtime.store import Store
from tests.contract.shop import Recording

ROOT = Path(__file__).resolve().parents[2]
HOUR, DAY = 3_600_000, 86_400_000
BEGIN = 1_773_043_200_000  # 2026-03-09 08:00 UTC, a Monday
WORDING = "Yes, tell me by {} what is new at Fernhill. I can withdraw this at any time."
ACTIONS = """
actions:
  boot_care:
    purpose: marketing
    message: tip_shop
    placements: [web.home, app.home, store.till]
    eligible: [order_placed where categories contains "boots" in last 60d]
    value: 6
    propensity: 0.4
  spring_walk:
    purpose: marketing
    message: tip_basket
    placements: [web.home, app.home]
    applicable: [context.intent is browse]
    value: 3
    propensity: 0.3
    rest: 14d after declined
  talk_to_us:
    purpose: service
    message: case_received
    placements: [web.home, app.home]
    eligible: [customer.open_cases > 0]
    mandatory: true
    value: 1
  gold_evening:
    purpose: marketing
    message: tier_up
    placements: [web.home, store.till]
    eligible: [customer.tier is gold]
    value: 9
    propensity: 0.2
"""
BASKET = [
    {"sku": "BOOT-42", "name": "Ridge walking boots", "quantity": 1, "price": 129.0, "category": "boots"},
    {"sku": "SOCK-2", "name": "Merino socks", "quantity": 2, "price": 14.5, "category": "socks"},
]


@cache
def sources() -> dict[str, str]:
    """The files of the shop."""
    found = read_folder(ROOT)
    found["journeys/placements.yaml"] = found["journeys/placements.yaml"].replace(
        "web.home: {about: On top of the home page, show: 1}",
        "web.home: {about: On top of the home page, show: 2, context: {intent: text, in_a_hurry: yes_no}}",
    )
    return {**found, "journeys/actions.yaml": ACTIONS}


class Shop:
    """The shop on a store; `happens` lets something happen to a customer at an instant (epoch ms)."""

    def __init__(self, store: Store) -> None:
        Clock(store).hold(BEGIN)
        publish(store, sources(), "Camille")
        self.store = store
        self.engine = Engine(store, PublishedPlans(store), FixedSenders(**{"*": Recording()}), Noted())

    def at(self, instant: int) -> None:
        """Time goes on, and all that is due is done."""
        Clock(self.store).hold(instant)
        drain(self.engine)

    def happens(self, instant: int, name: str, /, who: str = "ana", by: str = "web", **properties: Any) -> None:
        """An event of `who`, on the channel `by`; it is processed as well."""
        self.at(instant)
        self.engine.accept(
            [
                Event(
                    id=token("scene", name, who, str(instant), str(properties)),
                    name=name,
                    profile={"customer_id": who},
                    at=instant,
                    received=instant,
                    channel=by,
                    properties=properties,
                )
            ]
        )
        drain(self.engine)

    def fill(self) -> None:
        """What happened to Ana and to some others in a few days of March."""
        for number, who in enumerate(("ben", "chloe", "dev", "elif", "finn")):
            at = BEGIN + number * 20 * 60_000
            self.happens(at, "account_created", who, first_name=who.title(), email=f"{who}@example.org", locale="en")
            if number % 2:
                self._agrees(at + 1000, "email", who)
        self.happens(
            BEGIN + HOUR, "account_created", first_name="Ana", email="ana@example.org", phone="+33612345678",
            push_token="t-ana", locale="en", country="FR", home_store="lyon",
        )  # fmt: skip
        for channel in ("email", "push"):
            self._agrees(BEGIN + HOUR + 30_000, channel)
        self.at(BEGIN + HOUR + 12 * 60_000)
        self.happens(
            BEGIN + 5 * HOUR,
            "product_viewed",
            sku="BOOT-42",
            name="Ridge walking boots",
            price=129.0,
            in_stores=["lyon"],
        )
        self.happens(BEGIN + 10 * HOUR + 60_000, "basket_updated", basket_id="b1", total=158.0, lines=BASKET)
        self.happens(BEGIN + 11 * HOUR, "basket_updated", by="app", basket_id="b1", total=158.0, lines=BASKET)
        self.at(BEGIN + 13 * HOUR + 60_000)  # 22:00 in Paris: held
        self.at(BEGIN + DAY)
        self.happens(BEGIN + DAY + 20 * 60_000, "opened", by="push", channel="push", message="basket_reminder")
        self.happens(BEGIN + DAY + 2 * HOUR, "case_opened", by="phone", case_id="c1", subject="A seam has opened")
        self.at(BEGIN + DAY + 3 * HOUR)
        for number, who in enumerate(("ben", "chloe", "dev", "elif")):
            self.happens(
                BEGIN + DAY + 3 * HOUR + number * 60_000, "basket_updated", who, basket_id=f"b-{who}", total=40.0
            )
        self.at(BEGIN + DAY + 5 * HOUR + 5 * 60_000)

    def _agrees(self, instant: int, channel: str, who: str = "ana") -> None:
        said = {
            "purpose": "marketing",
            "state": "granted",
            "source": "account page",
            "wording": WORDING.format(channel),
        }
        self.happens(instant, "consent_changed", who, channel=channel, **said)
