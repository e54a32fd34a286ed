"""A real process is killed once at every named point between two writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.crash.processes import Nursery
from tests.crash.system import System

ENGINE = Path(__file__).parents[2] / "engine"
ORDERS = 150
# name: at which visit, and whether one process of a pool or its whole worker is killed
POINTS = {
    "ingest.identified": (2, "group"),
    "ingest.heard": (3, "group"),
    "ingest.appended": (4, "group"),
    "advance.leased": (5, "self"),
    "advance.read": (3, "group"),
    "advance.left": (1, "self"),
    "advance.decided": (4, "self"),
    "advance.committed": (5, "self"),
    "advance.released": (6, "self"),
    "deliver.claimed": (3, "group"),
    "leaving.asked": (4, "group"),
    "leaving.begun": (5, "group"),
    "leaving.answered": (4, "group"),
    "leaving.ended": (4, "group"),
    "recovery.taken": (1, "group"),
    "recovery.decided": (1, "group"),
    "recovery.committed": (1, "group"),
}
PUBLISHING = {"plans.kept", "plans.published"}  # the test below


def test_every_point_in_the_engine_has_its_kill() -> None:
    named = {
        name for file in ENGINE.rglob("*.py") for name in re.findall(r'points\.at\("([a-z._]+)"\)', file.read_text())
    }
    assert named == set(POINTS) | PUBLISHING


@pytest.mark.timeout(300)
def test_a_kill_at_every_point_loses_and_doubles_nothing(tmp_path: Path, nursery: Nursery) -> None:
    points = " ".join(f"{name}:{nth}:{whom}" for name, (nth, whom) in POINTS.items())
    with System(
        tmp_path, nursery, points=points, leases="1500,4000", commands=("advance-1", "deliver-1", "api")
    ) as system:
        numbers = range(ORDERS)
        system.agree(numbers)
        system.feed(numbers)
        system.rest(200)
        reached = {file.name for file in (tmp_path / "points").iterdir()}
        assert reached == set(POINTS)
        assert system.findings() == []
