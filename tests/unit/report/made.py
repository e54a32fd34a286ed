"""Choices and decisions as tests make them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from engine.model.decision import Candidate, Decision
from engine.report.decisions.choices import Choices

HERE = ("", "")


def choices(*rows: tuple[str, float, float], customers: Sequence[object] = ()) -> Choices:
    """Rows of (action, reward, propensity), each of a customer of its own unless they are named."""
    made = Choices()
    for number, (action, reward, propensity) in enumerate(rows):
        made.add(action, HERE, customers[number] if customers else number, reward, propensity)
    return made


def logged(count: int, chances: Sequence[float], rate: Callable[[int, int], float], seed: int) -> Choices:
    """Simulated choices in three contexts, by these chances of the actions 0, 1, ...; every second customer has two."""
    dice, made, customer = random.Random(seed), Choices(), 0
    while len(made) < count:
        customer += 1
        context = dice.randrange(3)
        for _ in range(1 + customer % 2):
            (action,) = dice.choices(range(len(chances)), chances)
            reward = float(dice.random() < rate(context, action))
            made.add(action, HERE, customer, reward, chances[action], (context,))
    return made


def candidate(action: str, **known: float | bool) -> Candidate:
    """One with a propensity that is written, unless `wins` and `losses` are given; all other factors are 1."""
    given: dict[str, float] = {
        "propensity": 0.5,
        "wins": 0.0,
        "losses": 0.0,
        "context": 1.0,
        "value": 1.0,
        "boost": 1.0,
    }
    given |= {name: value for name, value in known.items() if name in given}
    flags = {name: bool(value) for name, value in known.items() if name not in given}
    score = given["propensity"] * given["context"] * given["value"] * given["boost"]
    return Candidate(action, score=score, **given, **flags)  # type: ignore[arg-type]


def decision(name: str, *candidates: Candidate, **given: object) -> Decision:
    """A decision that shows its first candidate, unless told otherwise."""
    fields: dict[str, object] = {
        "id": name,
        "at": 1_000,
        "placement": "web.home",
        "channel": "web",
        "plan": "p",
        "profile": "ana",
        "shown": [each.action for each in candidates[:1]],
        "candidates": list(candidates),
    }
    return Decision(**{**fields, **given})  # type: ignore[arg-type]
