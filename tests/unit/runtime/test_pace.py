"""A quick provider is called by few threads, a slow one by as many as are allowed."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack

from engine.runtime.pace import FEW, Pace

MOST = 5


def rooms(pace: Pace) -> int:
    """How many slices may run at once."""
    with ExitStack() as stack:
        return sum(stack.enter_context(pace.room()) for _ in range(2 * MOST))


def test_a_quick_provider_needs_few_threads() -> None:
    pace = Pace(MOST)
    assert rooms(pace) == FEW
    with pace.call():
        pass
    assert rooms(pace) == FEW
    assert rooms(Pace(1)) == 1


def test_a_slow_provider_may_have_them_all_and_none_more() -> None:
    pace = Pace(MOST)
    for _ in range(20):
        with pace.call():
            time.sleep(0.01)
    assert rooms(pace) == MOST


def test_one_that_hangs_from_the_start_is_slow_before_it_answers() -> None:
    pace, hung = Pace(MOST), threading.Event()

    def call() -> None:
        with pace.call():
            hung.wait(5)

    thread = threading.Thread(target=call)
    thread.start()
    time.sleep(0.02)
    assert rooms(pace) == MOST
    hung.set()
    thread.join()
