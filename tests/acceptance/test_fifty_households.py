"""The same events through HTTP, Redis and Celery give the messages of the simulator: fifty real households."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

import examples.grocer
from engine.define.folder import compile_folder
from engine.model.record import Record
from engine.testing.run import run_lines, until_instant
from examples.grocer.events import events
from examples.grocer.live_compare import records_apart
from examples.grocer.live_engine import installation
from examples.grocer.live_replay import logged, replay

HOME = Path(examples.grocer.__file__).parent
UNTIL = "2017-04-01T00:00:00Z"


def _fifty(end: int) -> list[tuple[int, dict[str, Any]]]:
    """The events until `end` of the fifty households with the fewest that got coupons and were seen twice."""
    lived: dict[str, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for event in events():
        at = until_instant(event["at"])
        if at <= end:
            lived[event["profile"]["household"]].append((at, event))
    rich = [
        lines
        for _, lines in sorted(lived.items())
        if len({event["event"] for _, event in lines}) >= 3 and sum(e["event"] == "order_placed" for _, e in lines) >= 2
    ]
    chosen = sorted(rich, key=len)[:50]
    return sorted((pair for lines in chosen for pair in lines), key=lambda pair: (pair[0], pair[1]["id"]))


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_fifty_households_get_the_same_from_real_workers_and_from_the_simulator(tmp_path: Path) -> None:
    # given three months of fifty households
    end = until_instant(UNTIL)
    lines = _fifty(end)
    assert len({event["profile"]["household"] for _, event in lines}) == 50
    for name in ("journeys", "templates"):
        shutil.copytree(HOME / name, tmp_path / "shop" / name)
    (tmp_path / "kept").mkdir()
    # when the simulator runs them, and the real engine lives through them with its clock in lockstep
    simulated: list[Record] = []
    written = [json.dumps(event).encode() for _, event in lines]
    run_lines(compile_folder(tmp_path / "shop").sound(), written, simulated.append, until=end)
    with installation(tmp_path / "shop", tmp_path / "kept") as there:
        replay(there, lines, end, lambda done: None)
        lived = logged(there.state_url)
    # then both say the same of everybody: message, channel, reason and instant
    assert records_apart(simulated, lived) == []
    assert sum(record.kind == "sent" for record in lived) >= 100
    assert {"sent", "held", "refused", "ended"} <= {record.kind for record in lived}
