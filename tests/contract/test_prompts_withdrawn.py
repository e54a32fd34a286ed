"""A purchase takes a prompt from the store's list, whether its journey still runs or has gone through."""

from __future__ import annotations

from engine.define.workspace import compile_sources
from engine.runtime.engine import Engine
from engine.runtime.prompts import StorePromptSender
from engine.runtime.pump import drain
from engine.runtime.senders import FixedSenders
from engine.runtime.store import Store
from tests.contract.shop import Recording, event, happened, joined, shop, sources

WELCOME = """
journey: welcome
purpose: service
start: {event: account_created}
goal: order_placed
steps:
  - send: offer
    via: store
"""


def test_a_purchase_takes_the_prompt_from_the_tablets(store: Store) -> None:
    # given a prompt on the tablets of Lyon, for each of two customers
    built = compile_sources(sources(welcome=WELCOME)).sound()
    fixed = shop(store, Recording(), built)
    engine = Engine(store, fixed.plans, FixedSenders(store=StorePromptSender(store)), fixed.bells)
    engine.accept([joined(home_store="lyon"), joined("e2", customer="luc", home_store="lyon")])
    drain(engine)
    assert {each.said["label"] for each in store.prompts.table("lyon").prompts} == {
        "customer_id:ana",
        "customer_id:luc",
    }
    # when one of them buys, then hers is gone
    engine.accept([event("order_placed", "e3", total=5)])
    drain(engine)
    assert [each.said["label"] for each in store.prompts.table("lyon").prompts] == ["customer_id:luc"]
    assert happened(store).count(("withdrawn", "offer")) == 1
