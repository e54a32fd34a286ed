"""A published plan knows since when each event is written down."""

from __future__ import annotations

from engine.runtime.clock import Clock
from engine.runtime.plans import PublishedPlans, publish
from engine.runtime.store import Store
from tests.contract.shop import START, sources


def test_an_event_that_a_new_plan_declares_has_no_history_before_it(store: Store) -> None:
    Clock(store).hold(START)
    first = publish(store, sources())
    assert first.vocabulary.events["order_placed"].since is None
    # when a release declares another event
    files = sources()
    files["journeys/vocabulary.yaml"] = files["journeys/vocabulary.yaml"].replace(
        "  events:\n", "  events:\n    scanned: {properties: {code: text}}\n"
    )
    second = publish(store, files)
    # then its history begins now, for every process that meets the plan, and a repeat changes nothing
    loaded = PublishedPlans(store).at(second.fingerprint).plan.vocabulary
    assert (loaded.events["scanned"].since, loaded.events["order_placed"].since) == (START, None)
    assert publish(store, files).fingerprint == second.fingerprint
