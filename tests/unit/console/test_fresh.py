"""What many ask at once is found out once; what takes long is found out while the answer before is still given."""

from __future__ import annotations

import threading
import time

import pytest

from engine.console import fresh
from engine.console.fresh import Fresh


class Source:
    """Something to ask about."""


def test_many_who_ask_at_once_cost_one_look() -> None:
    looks: list[int] = []
    known, source = Fresh[Source, str, int](60.0), Source()

    def find() -> int:
        looks.append(1)
        time.sleep(0.02)
        return len(looks)

    several = [threading.Thread(target=lambda: known.ask(source, "a", find)) for _ in range(8)]
    for each in several:
        each.start()
    for each in several:
        each.join()

    assert len(looks) == 1
    assert known.ask(source, "b", find) == 2  # another question is another look
    assert known.ask(Source(), "a", find) == 3


def test_nobody_waits_for_what_takes_long_unless_it_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fresh, "DEAR", -1.0)  # as if everything took long
    known, source, go, done = Fresh[Source, str, str](0.0, longer=60.0), Source(), threading.Event(), threading.Event()
    assert known.ask(source, "", lambda: "old") == "old"

    def slow() -> str:
        assert go.wait(10)
        done.set()
        return "new"

    assert [known.ask(source, "", slow) for _ in range(3)] == ["old"] * 3
    go.set()
    assert done.wait(10)
    until = time.monotonic() + 10
    while known.ask(source, "", lambda: "new") != "new":
        assert time.monotonic() < until

    known.longer = 0.0
    assert known.ask(source, "", lambda: "newest") == "newest"


def test_a_fault_is_told_and_forgotten() -> None:
    known, source = Fresh[Source, str, int](60.0), Source()

    with pytest.raises(ZeroDivisionError):
        known.ask(source, "", lambda: 1 // 0)

    assert known.ask(source, "", lambda: 5) == 5
