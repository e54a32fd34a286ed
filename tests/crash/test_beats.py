"""Two clocks of the housekeeping, of which one leads. What it rings for lies in the broker, and says who rang."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import redis

from tests.crash.processes import Nursery, wait_until
from tests.crash.system import System

SWEEP, LOCK = 0.5, 1.5  # seconds
MORE = 3  # sweeps


@pytest.mark.timeout(100)
def test_between_two_beats_another_takes_over_and_nothing_rings_twice(tmp_path: Path, nursery: Nursery) -> None:
    with System(tmp_path, nursery, beats=f"{SWEEP},{LOCK}", commands=("beat-1", "beat-2")) as system:
        beats = {system.processes.pid(name): name for name in ("beat-1", "beat-2")}
        with redis.Redis(port=system.redis.port, db=1) as broker:
            # given two beats, of which only one rings
            assert wait_until(lambda: len(_sweeps(broker)) >= MORE, 40)
            (leader,) = {process for process, _ in _sweeps(broker)}
            before = len(_sweeps(broker))
            # when that one is killed
            system.processes.kill(beats[leader])
            # then another goes on, alone, as if nothing had been: the second, or the first one started anew
            assert wait_until(lambda: len([1 for process, _ in _sweeps(broker) if process != leader]) >= MORE, 40)
            rang = _sweeps(broker)
        assert len({process for process, _ in rang[before + 1 :]}) == 1
        assert leader not in {process for process, _ in rang[before + 1 :]}
        ids = [task for _, task in rang]
        assert len(ids) == len(set(ids))


def _sweeps(broker: redis.Redis) -> list[tuple[int, str]]:
    """The process that rang and the id of each sweep that nobody has taken, oldest first."""
    found = []
    for message in reversed(broker.lrange("maintenance", 0, -1)):
        headers = json.loads(message)["headers"]
        assert headers["task"] == "parcours.sweep", headers["task"]
        origin = re.match(r"gen(\d+)@", headers["origin"])
        assert origin is not None
        found.append((int(origin[1]), headers["id"]))
    return found
