"""Sentences of a story: every kind of record has one, in words that a marketer says, on the customer's clock."""

from __future__ import annotations

from typing import get_args

import pytest

from engine.model.record import Kind, Told
from engine.runtime.telling import clock, properties, sentence
from engine.testing.stories.phrase import RULES

AT = 1_764_064_800_000  # 2025-11-25 10:00Z
PARIS = "Europe/Paris"


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_is_told_in_its_own_words(kind: Kind) -> None:
    told = Told(at=AT, kind=kind, journey="j", message="offer", channel="email", reason="goal: paid", until=AT + 60_000)
    said = sentence(told, PARIS)
    assert said
    assert "offer by email until" not in said or kind == "held"
    assert not said.startswith(kind + " offer")


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_told_in_words(rule: str) -> None:
    said = sentence(Told(at=AT, kind="refused", message="offer", reason=f"{rule}: what was seen"), PARIS)
    assert said.startswith("does not send offer - ")
    assert "_" not in said
    assert said.endswith(": what was seen")


def test_instants_are_on_the_customers_clock_with_the_day_where_it_is_another() -> None:
    reason = "time_to_live: it had to leave by 2025-11-25T12:30:00Z, not 2026-01-02T08:00:00Z"
    said = sentence(Told(at=AT, kind="expired", message="offer", reason=reason), PARIS)
    assert said == "gives offer up - too late to be of use: it had to leave by 13:30, not Fri 2 Jan 2026 09:00"
    assert clock(AT, "America/New_York") == "Tue 25 Nov 2025 05:00"


def test_what_an_event_said_is_shortened() -> None:
    many = {"event": "x", "at": 1, "channel": "web", **{f"p{number}": number for number in range(10)}}
    assert properties(many) == "p0 0, p1 1, p2 2, p3 3, p4 4, p5 5, p6 6, p7 7, and 2 more"
    assert properties({"text": "y" * 100, "yes": True}) == f"text {'y' * 39}…, yes yes"
