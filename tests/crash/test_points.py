"""A real process is killed once at every named point between two writes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.processes import Nursery
from tests.crash.sink import ACCEPT, LATER
from tests.crash.system import System
from tests.crash.workspace import CUSTOMER_ORDERS, GONE, REFUSING

ENGINE = Path(__file__).parents[2] / "engine"
ORDERS = 150
# name: at which visit, and whether one process of a pool or its whole worker is killed
POINTS = {
    "ingest.identified": (2, "group"),
    "ingest.heard": (3, "group"),
    "ingest.appended": (4, "group"),
    "advance.read": (3, "group"),
    "advance.left": (1, "self"),
    "advance.decided": (4, "self"),
    "advance.committed": (5, "self"),
    "advance.released": (6, "self"),
    "deliver.claimed": (3, "group"),
    "book.taken": (4, "group"),
    "book.unused": (1, "group"),
    "commit.heard": (1, "group"),
    "relay.brought": (2, "group"),
    "leaving.asked": (4, "group"),
    "leaving.begun": (5, "group"),
    "leaving.answered": (4, "group"),
    "leaving.ended": (4, "group"),
    "providers.failed": (1, "group"),
    "providers.passed": (2, "group"),
    "recovery.taken": (1, "group"),
    "recovery.repeated": (1, "group"),
    "recovery.decided": (1, "group"),
    "recovery.committed": (1, "group"),
}
LEARNING = {"learned.parcels"}  # tests/contract/test_learned.py
PUBLISHING = {"plans.kept", "plans.published"}  # in tests/contract
ARCHIVING = {  # tests/contract/test_archive.py
    *("archive.announced", "archive.written", "archive.counted", "archive.chosen", "archive.table"),
    *("archive.compacted", "archive.told", "archive.erased"),
}
LATE = {"advance.fenced", "leaving.late"}  # test_late.py


def test_every_point_in_the_engine_has_its_kill() -> None:
    named = {
        name for file in ENGINE.rglob("*.py") for name in re.findall(r'points\.at\("([a-z._]+)"\)', file.read_text())
    }
    assert named == set(POINTS) | PUBLISHING | LEARNING | LATE | ARCHIVING


@pytest.mark.timeout(480)
def test_a_kill_at_every_point_loses_and_doubles_nothing(tmp_path: Path, nursery: Nursery) -> None:
    points = " ".join(f"{name}:{nth}:{whom}" for name, (nth, whom) in POINTS.items())
    with System(
        tmp_path,
        nursery,
        points=points,
        leases="1500,4000",
        behave=fails_at_first,
        commands=("advance-1", "deliver-1", "deliver-2", "api"),
        children=1,
    ) as system:
        system.service.before_answer = kills_its_caller(system)
        numbers = [*range(ORDERS), *_orders_of(GONE)]
        system.agree([*numbers, *_orders_of(REFUSING)])
        system.feed(numbers)
        system.rest(330)
        assert set(POINTS) - {"book.unused"} <= _reached(tmp_path)
        # what is taken in vain can be given back now: nobody is killed before he comes to it
        system.feed(_orders_of(REFUSING))
        system.rest(60)
        assert _reached(tmp_path) == set(POINTS)
        assert system.findings() == []
        assert max(system.service.heard.values()) > 1, "no call was ever in doubt"


def _orders_of(customer: int) -> range:
    return range(customer * CUSTOMER_ORDERS, (customer + 1) * CUSTOMER_ORDERS)


def _reached(folder: Path) -> set[str]:
    return {file.name for file in (folder / "points").iterdir()}


def fails_at_first(order: str, before: int) -> str:
    """A mail server of which some mails need the next one."""
    return LATER if before == 0 and int(order.removeprefix("o")) % 10 == 6 else ACCEPT


def kills_its_caller(system: System) -> Callable[[int], None]:
    """A service that is heard, and whose caller dies before it has the answer: twice."""
    return lambda number: system.processes.kill("deliver-1") if number in (4, 9) else None
