"""Three days of a shop, on a real Redis, in which everything happens that a replay has to come to terms with."""

from __future__ import annotations

from collections.abc import Mapping

from engine.define.folder import with_shared
from engine.model.event import Event
from engine.model.message import CALL, Outgoing, SendOutcome
from engine.runtime.bells import Noted
from engine.runtime.clock import Clock
from engine.runtime.engine import Engine
from engine.runtime.people import erase, merge
from engine.runtime.plans import PublishedPlans, publish
from engine.runtime.pump import drain
from engine.runtime.senders import FixedSenders
from engine.runtime.stops import pause, resume
from engine.runtime.store import Store
from tests.contract.shop import HOUR, SOURCES, START, Recording, event

LATE = 97_000  # ms: so late everything is that time brings about
FILES = SOURCES | {
    "journeys/policies.yaml": """
policies:
  timezone: Europe/Paris
  purposes: {marketing: {}, service: {transactional: true}}
  quiet_hours: {window: "21:00-08:00", channels: [email, sms]}
  caps:
    - {limit: 2 per 24h, purpose: marketing, on_cap: skip}
  calls: {stock: "https://stock.example/ask"}
""",
    "journeys/brand.yaml": """
brand:
  name: Fernhill
  legal: {email: {en: Fernhill}, sms: {en: STOP to end}}
""",
    "journeys/orders.yaml": """
journey: orders
purpose: marketing
holdout: 25%
start: {event: order_placed, again: at once}
goal: page_viewed where page is "thanks"
steps:
  - wait: 3h
  - split: words
    arms:
      one: {share: 50%, then: [{send: offer, via: [email, sms]}]}
      two: {share: 50%, then: [{send: order_offer, via: [sms, email]}]}
  - wait_for: opened
    up_to: 5h
    then:
      - call: stock
        with: {customer: customer.customer_id}
        answer: {left: number}
        up_to: 10m
        then:
          - if: event.left > 2
            then: [{send: offer, via: email}]
    on_timeout:
      - send: order_offer
        via: email
  - wait_until: 10:00
  - send: offer
    via: [email, sms]
""",
    "templates/messages/order_offer.j2": SOURCES["templates/messages/offer.j2"]
    + "{% block sms %}Ten percent{% endblock %}",
}
PEOPLE = [f"p{number}" for number in range(16)]


def files(**changed: str) -> dict[str, str]:
    """The shop's files; `orders=...` replaces journeys/orders.yaml."""
    return with_shared(FILES | {f"journeys/{name}.yaml": text for name, text in changed.items()})


def trouble(outgoing: Outgoing) -> SendOutcome:
    """Services answer; one provider is busy at first, one says nothing, one refuses an address."""
    who = outgoing.label.partition(":")[2]
    if outgoing.channel == CALL:
        number = int(outgoing.rendered.parts["body"].partition('"p')[2].partition('"')[0])
        return SendOutcome("accepted", answer={"left": number % 5})
    if who == "p3" and outgoing.attempt_id.endswith("-1"):
        return SendOutcome("retry", "busy")
    if who == "p4" and outgoing.message == "offer":
        return SendOutcome("unknown", "the line broke")
    if who == "p5" and outgoing.channel == "email":
        return SendOutcome("bad_address", "no such box")
    return SendOutcome("accepted", provider_id=f"p-{outgoing.attempt_id}")


class Week:
    """The shop, and what has been reported of its messages so far."""

    def __init__(self, store: Store) -> None:
        self.provider = Recording(trouble)
        Clock(store).hold(START)
        self.engine = Engine(store, PublishedPlans(store), FixedSenders(**{"*": self.provider}), Noted())
        self._told = 0

    def at(self, hours: float) -> int:
        """Time passes up to then, in steps, each of them late; the instant."""
        store, until = self.engine.store, START + int(hours * HOUR)
        while (now := store.clock().engine) < until:
            Clock(store).hold(min(now + HOUR + LATE, until))
            drain(self.engine)
            self._receipts()
        return store.clock().engine

    def take(self, *events: Event) -> None:
        """Events come in."""
        self.engine.accept(list(events))
        drain(self.engine)

    def _receipts(self) -> None:
        """Every second message arrives, and is opened."""
        now = self.engine.store.clock().engine
        fresh, self._told = self.provider.sent[self._told :], len(self.provider.sent)
        for outgoing in fresh[::2]:
            if outgoing.channel == CALL:
                continue
            who, about = outgoing.label.partition(":")[2], {"message": outgoing.attempt_id, "channel": outgoing.channel}
            self.take(
                *(
                    event(f"{name}", f"{name}-{outgoing.attempt_id}", now, who, **about)
                    for name in ("delivered", "opened")
                )
            )


def a_week(store: Store, sources: Mapping[str, str]) -> None:
    """Orders, merges, a pause, late events, receipts, calls, caps, quiet hours, a holdout, a split, an erasure."""
    publish(store, sources)
    week = Week(store)
    for number, who in enumerate(PEOPLE):
        address = {"email": f"{who}@fernhill.example", "phone": f"+336123456{number:02d}"}
        joined = Event(
            id=f"j-{who}",
            name="account_created",
            profile={"customer_id": who, "email": address["email"]},
            at=START,
            received=START,
            properties={"phone": address["phone"]},
        )
        words = [
            event(
                "consent_changed",
                f"c{channel}-{who}",
                START,
                who,
                channel=channel,
                purpose="marketing",
                state="granted",
            )
            for channel in ("email", "sms")
        ]
        week.take(joined, *words)
    for number, who in enumerate(PEOPLE):
        now = week.at(1 + number / 4)
        week.take(event("order_placed", f"o1-{who}", now - 1000, who, total=10.0 + number))
    now = week.at(6)
    # somebody who was not known yet turns out to be one of them, and somebody else as well, who waits for something
    week.take(
        Event(id="v1", name="order_placed", profile={"card": "k1"}, at=now, received=now, properties={"total": 3})
    )
    now = week.at(7)
    week.take(
        Event(
            id="v2",
            name="page_viewed",
            profile={"customer_id": "p7", "card": "k1"},
            at=now,
            received=now,
            properties={"page": "/"},
        )
    )
    week.take(event("order_placed", "x1", now, "guest", total=9), event("page_viewed", "x2", now, "guest", page="/"))
    merge(week.engine, "customer_id:p8", "customer_id:guest", "me", forced=True)
    drain(week.engine)
    # what comes too late, what is taken back
    week.take(event("order_placed", "late", now - 60 * HOUR, "p9", total=1))
    week.take(event("unsubscribed", "u1", now, "p10", channel="email", purpose="marketing"))
    pause(store, "orders", "me")
    now = week.at(9)
    for who in PEOPLE[:4]:
        week.take(event("order_placed", f"o2-{who}", now, who, total=99))
    now = week.at(12)
    resume(store, "orders", "continue", "me")
    drain(week.engine)
    now = week.at(26)
    for who in PEOPLE[::3]:
        week.take(event("order_placed", f"o3-{who}", now, who, total=5))
    now = week.at(30)
    week.take(event("page_viewed", "t1", now, "p6", page="thanks"))
    erase(week.engine, "customer_id:p12", "me")
    drain(week.engine)
    week.at(50)
