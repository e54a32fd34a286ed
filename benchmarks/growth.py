"""What an event costs as an installation grows: journeys from 10 to 1,000, customers from ten thousand to a million."""

from __future__ import annotations

import time

from benchmarks.lab import Lab
from benchmarks.measure import Measure
from benchmarks.shop import VOCABULARY, customers, orders, sources
from benchmarks.timers import fill, waiting

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
EVENTS, PEOPLE, TURNS = 6_000, 500, 4


def journeys(scale: float) -> list[Measure]:
    """Processor time of one event (in one process, Redis apart) beside 10 and beside 1,000 journeys."""
    with Lab(_with(10)) as few, Lab(_with(max(20, int(1_000 * scale)))) as many:
        return [_flat("event cost, 10 -> 1,000 journeys", few, many)]


def profiles(scale: float) -> list[Measure]:
    """Processor time of one event beside ten thousand and beside a million customers, and what Redis holds for each."""
    with Lab(sources(wait="400d")) as few, Lab(sources(wait="400d")) as many:
        _people(few, int(10_000 * scale))
        before, count = many.memory(), int(1_000_000 * scale)
        _people(many, count)
        held = (many.memory() - before) / count
        return [
            _flat("event cost, 10 k -> 1 M customers", few, many),
            Measure(
                "  Redis for each customer",
                held,
                "bytes",
                more=False,
                note="traits, history, a journey, a timer",
            ),
        ]


def _with(count: int) -> dict[str, str]:
    others = {f"journeys/other_{n}.yaml": OTHER.format(n=n) for n in range(count - 1)}
    return {**sources(), "journeys/vocabulary.yaml": VOCABULARY, **others}


def _people(lab: Lab, count: int) -> None:
    far = lab.store.clock().engine + 400 * 86_400_000
    fill(lab, waiting(lab), (far + number for number in range(count)), "p")


def _flat(name: str, few: Lab, many: Lab) -> Measure:
    """In turn, so that what else the machine does concerns both; the best of each."""
    for lab in (few, many):
        lab.accept(customers(PEOPLE, lab.store.clock().engine))
        _advance(lab)
    turns = [(_cost(few, turn), _cost(many, turn)) for turn in range(TURNS)]
    small, large = (min(costs) for costs in zip(*turns, strict=True))
    note = f"{small * 1e6:,.0f} us -> {large * 1e6:,.0f} us"
    return Measure(name, large / small, "x", more=False, target=1.2, note=note)


def _cost(lab: Lab, turn: int) -> float:
    """Seconds of this process for one event that is taken in, decided and committed."""
    spent = time.process_time()
    lab.accept(orders(EVENTS, PEOPLE, lab.store.clock().engine, turn * EVENTS))
    _advance(lab)
    return (time.process_time() - spent) / EVENTS


def _advance(lab: Lab) -> None:
    while lab.engine.advance_round():
        pass
