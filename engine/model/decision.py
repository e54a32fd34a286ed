"""The record of a decision: what one placement was told of one customer, and what it was chosen from."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field


class Candidate(Struct, array_like=True, frozen=True):
    """An action that reached arbitration, with the factors of its score as they were.

    `wins` and `losses` are what was believed of its propensity, 0 where it is written; `chance` as in Ranked.
    """

    action: str
    propensity: float
    wins: float
    losses: float
    context: float
    value: float
    boost: float
    score: float
    kept: bool = False
    mandatory: bool = False
    suggested: bool = False
    chance: bool = False


class LeftOut(Struct, array_like=True, frozen=True):
    """An action that a stage took out; `rule` is the contact policy's word, '' where the stage says it all."""

    action: str
    stage: str
    rule: str = ""


class Decision(Struct, omit_defaults=True, kw_only=True, frozen=True):
    """One answer of one placement.

    `request` is the asker's own id ('' = none), `profile` '' for a stranger, `at` engine time (ms), `snapshot` the
    number of what had been learned by then (0 = nothing), `segment` and `arm` what the learner and the control group
    go by, `context` what conditions and messages may read of what the asker said, `shown` the actions in their order.
    `candidates` are the first of those that reached arbitration, best first, and `others` how many more there were.
    `figures` are the prices and amounts that its words say, as in Rendered.
    `removed` is without the actions that are not made for the placement. On a share `explore` of the days a lot
    decided who comes first.
    """

    id: str
    at: int
    placement: str
    channel: str
    plan: str
    request: str = ""
    profile: str = ""
    snapshot: int = 0
    segment: str = ""
    arm: str = ""
    context: dict[str, Any] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)
    fallback: bool = False
    candidates: list[Candidate] = field(default_factory=list)
    others: int = 0
    removed: list[LeftOut] = field(default_factory=list)
    explore: float = 0.0
    figures: dict[str, float] = field(default_factory=dict)
