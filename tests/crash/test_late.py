"""Who stood still beyond his lease: another has done his work, and he must not do it again."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.crash.processes import Nursery, wait_until
from tests.crash.system import System

STOPPED = ("advance.decided", "leaving.begun")
FENCED = ("advance.fenced", "leaving.late")
ORDERS = 40


@pytest.mark.timeout(200)
def test_two_workers_with_one_shard_and_one_message_do_nothing_twice(tmp_path: Path, nursery: Nursery) -> None:
    # given one worker that is stopped with a decision in its hands, one with a message that has begun to leave
    points = " ".join([*(f"{name}:3:stop" for name in STOPPED), *(f"{name}:1:note" for name in FENCED)])
    commands = ("advance-1", "advance-2", "deliver-1", "deliver-2", "api")
    with System(tmp_path, nursery, points=points, leases="1500,4000", commands=commands, children=1) as system:
        system.agree(range(ORDERS))
        system.feed(range(ORDERS))
        # when their leases end, then others do what they had begun
        system.rest(100)
        assert _seen(tmp_path) == set(STOPPED)
        assert system.findings(settled=False) == []
        # and when they wake up, then they find that it is not theirs any more
        stopped = [int((tmp_path / "points" / name).read_text()) for name in STOPPED]
        for process in stopped:
            os.kill(process, signal.SIGCONT)
        assert wait_until(lambda: _seen(tmp_path) == {*STOPPED, *FENCED}, 30)
        assert [int((tmp_path / "points" / name).read_text()) for name in FENCED] == stopped
        system.rest(30)
        assert system.findings() == []


def _seen(folder: Path) -> set[str]:
    return {file.name for file in (folder / "points").iterdir()}
