"""What an event costs as an installation grows: journeys from 10 to 1,000, customers from ten thousand to a million."""

from __future__ import annotations

import time

from benchmarks.lab import Lab
from benchmarks.measure import Measure
from benchmarks.shop import VOCABULARY, customers, orders, sources
from benchmarks.timers import fill, waiting
from engine.runtime import keys

OTHER = """
journey: other_{n}
purpose: marketing
start:
  event: basket_updated
  key: event.basket_id
  idle_for: 2h
  only_if: [basket.total > {n}, no order_placed in last 24h]
goal: order_placed
steps:
  - wait: 1d
  - send: welcome
    via: [email]
"""
EVENTS, PEOPLE = 6_000, 500


def journeys(scale: float) -> list[Measure]:
    """Processor time of one event (in one process, Redis apart) beside 10 and beside 1,000 journeys."""
    few, many = (_cost(_with(count), 0) for count in (10, max(20, int(1_000 * scale))))
    return [_flat("event cost, 10 -> 1,000 journeys", few, many)]


def profiles(scale: float) -> list[Measure]:
    """Processor time of one event beside ten thousand and beside a million customers."""
    few, many = (_cost(sources(wait="400d"), count) for count in (int(10_000 * scale), int(1_000_000 * scale)))
    return [_flat("event cost, 10 k -> 1 M customers", few, many)]


def _flat(name: str, few: float, many: float) -> Measure:
    return Measure(name, many / few, "x", more=False, target=1.2, note=f"{few * 1e6:,.0f} us -> {many * 1e6:,.0f} us")


def _with(count: int) -> dict[str, str]:
    others = {f"journeys/other_{n}.yaml": OTHER.format(n=n) for n in range(count - 1)}
    return {**sources(), "journeys/vocabulary.yaml": VOCABULARY, **others}


def _cost(files: dict[str, str], people: int) -> float:
    """Seconds of this process for one event that is decided and committed."""
    with Lab(files) as lab:
        if people:
            far = lab.store.clock().engine + 400 * 86_400_000
            fill(lab, waiting(lab), (far + number for number in range(people)), "p")
        now = lab.store.clock().engine
        lab.accept(customers(PEOPLE, now))
        _advance(lab)
        best = float("inf")
        for again in range(3):
            lab.accept(orders(EVENTS, PEOPLE, now, again * EVENTS))
            spent = time.process_time()
            _advance(lab)
            best = min(best, (time.process_time() - spent) / EVENTS)
        return best


def _advance(lab: Lab) -> None:
    for shard in keys.EVERY_SHARD:
        lab.engine.advance(shard)
