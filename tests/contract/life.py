"""A life that a shop's console has to tell rightly: releases that take people along, merges across a holdout, pauses, a
kill, an erasure, dead letters, prompts, providers in trouble, and a log that is trimmed behind the archive."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.journey import core
from engine.model.event import Event
from engine.model.message import CALL, Outgoing, SendOutcome
from engine.model.receipt import Receipt
from engine.report.archive.place import open_place
from engine.report.archive.work import turn
from engine.runtime.bells import Noted
from engine.runtime.clock import Clock
from engine.runtime.dead import letters, replay
from engine.runtime.engine import Engine
from engine.runtime.people import erase, merge
from engine.runtime.plans import PublishedPlans, publish
from engine.runtime.prompts import StorePromptSender
from engine.runtime.pump import drain
from engine.runtime.senders import FixedSenders
from engine.runtime.stops import kill, pause, resume
from engine.runtime.store import Store
from tests.contract.ledger import Ledger
from tests.contract.replayed_week import PEOPLE, files
from tests.contract.shop import HOUR, START, Recording, event

TILL = """
journey: till
purpose: service
start: {event: account_created}
stop_if: order_placed
steps:
  - send: offer
    via: store
    time_to_live: 45m
  - wait: 6h
"""
DOOMED = """
journey: doomed
purpose: service
start: {event: order_placed, again: never}
steps:
  - wait: 60h
  - send: offer
    via: email
"""
LAST = """
journey: last
purpose: marketing
start: {event: page_viewed}
holdout: 50%
steps:
  - wait: 1h
  - send: offer
    via: email
"""
ORDERS = files()["journeys/orders.yaml"].replace("holdout: 25%", "holdout: 50%")
SECOND = ORDERS.replace("  - wait: 3h\n", "  - wait: 4h\n").rstrip() + "\nmap:\n  wait:3h: wait:4h\n"


def trouble(outgoing: Outgoing) -> SendOutcome:
    """One provider is busy at first, one says nothing, one refuses an address; a service answers."""
    who = outgoing.label.partition(":")[2]
    if outgoing.channel == CALL:
        return SendOutcome("accepted", answer={"left": 3})
    if who == "p3" and outgoing.attempt_id.endswith("-1"):
        return SendOutcome("retry", "busy")
    if who == "p4":
        return SendOutcome("unknown", "the line broke")
    if who == "p5" and outgoing.channel == "email":
        return SendOutcome("bad_address", "no such box")
    return SendOutcome("accepted", provider_id=f"p-{outgoing.attempt_id}")


class Life:
    """The shop, and the ledger of what its logs ever said."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.ledger, self.place = store, Ledger(store), open_place(str(folder))
        self.provider = Recording(trouble)
        Clock(store).hold(START)
        publish(store, files(till=TILL, doomed=DOOMED, last=LAST, orders=ORDERS))
        others = {"*": self.provider}
        senders = FixedSenders(store=StorePromptSender(store), **others)
        self.engine = Engine(store, PublishedPlans(store), senders, Noted())

    @property
    def now(self) -> int:
        return self.store.clock().engine

    def work(self) -> None:
        drain(self.engine)
        self.ledger.look()

    def until(self, hours: float, step: float = 1.6) -> None:
        """Time passes up to then."""
        end = START + int(hours * HOUR)
        while (now := self.now) < end:
            Clock(self.store).hold(min(now + int(step * HOUR), end))
            self.work()

    def happens(self, name: str, id_: str, who: str, /, **properties: object) -> None:
        self.engine.accept([event(name, id_, self.now, who, **properties)])

    def one_is(self, keep: str, absorb: str) -> None:
        merge(self.engine, f"customer_id:{keep}", f"customer_id:{absorb}", "me", forced=True)
        self.work()


def joins(life: Life, who: str, number: int) -> list[Event]:
    words = [
        event("consent_changed", f"c{channel}-{who}", START, who, channel=channel, purpose="marketing", state="granted")
        for channel in ("email", "sms")
    ]
    joined = Event(
        id=f"j-{who}",
        name="account_created",
        profile={"customer_id": who, "email": f"{who}@fernhill.example"},
        at=START,
        received=START,
        properties={"phone": f"+336123456{number:02d}", "home_store": "lyon" if number % 3 else ""},
    )
    return [joined, *words]


def live(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Life:
    """Thirty hours, told to the last line. The log is trimmed behind an archive in `folder`."""
    monkeypatch.setattr("engine.runtime.stops.SECOND_LOOK_SECONDS", 0.0)
    life = Life(store, folder)
    life.engine.accept([each for number, who in enumerate(PEOPLE) for each in joins(life, who, number)])
    life.work()
    for number, who in enumerate(PEOPLE):
        life.happens("order_placed", f"o1-{who}", who, total=10.0 + number)
        life.happens("page_viewed", f"v1-{who}", who, page="/")
    life.work()
    life.until(2)
    # whoever waits is taken along by a release
    publish(store, files(till=TILL, doomed=DOOMED, last=LAST, orders=SECOND))
    life.work()
    life.happens("page_viewed", "t0", "p1", page="thanks")
    life.work()
    # customers turn out to be one: guests whose share in the holdout is another's, some with a run of their own
    for number, who in enumerate(PEOPLE[6:12]):
        for each in joins(life, f"g{number}", 40 + number):
            life.engine.accept([each])
        life.happens("order_placed", f"go{number}", f"g{number}", total=9)
        life.happens("page_viewed", f"gv{number}", f"g{number}", page="/")
        life.work()
        life.one_is(who, f"g{number}") if number % 2 else life.one_is(f"g{number}", who)
    life.until(5)
    pause(store, "orders", "me")
    life.until(8)
    resume(store, "orders", "shift", "me")
    kill(store, "doomed", "me")
    life.work()
    # a decision that fails is set aside, and taken up again
    with monkeypatch.context() as patched:
        patched.setattr(core, "process", lambda *_: 1 / 0)
        life.happens("order_placed", "d1", "p2", total=3)
        life.happens("order_placed", "d2", "p3", total=3)
        life.work()
    replay(store, letters(store)[:1], by="me")
    life.work()
    # a box that is gone, a customer who is
    gone = next(each for each in life.provider.sent if each.label.endswith("p7") or each.label.endswith("g1"))
    life.engine.receipts([Receipt("esp", "r1", "bounced", gone.attempt_id)])
    life.work()
    life.until(12)
    erase(life.engine, "customer_id:p12", "me")
    life.work()
    for who in PEOPLE[::2]:
        if who != "p12":
            life.happens("page_viewed", f"t-{who}", who, page="thanks")
    life.work()
    life.until(20)
    for who in PEOPLE[1::3]:
        life.happens("order_placed", f"o3-{who}", who, total=5)
        life.happens("page_viewed", f"v3-{who}", who, page="/")
    life.work()
    turn(store, life.place, 10, today="9999-12-31")
    life.until(30)
    return life
