"""`make crash`: rounds of real work under real kills, and what came of each.

Exit code 1 when a promise was not kept in any round; the folders of such rounds stay, with the logs of all processes.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

from tests.crash import fire
from tests.crash.invariants import Summary, summary
from tests.crash.processes import Nursery
from tests.crash.system import System


def play(
    folder: Path,
    nursery: Nursery,
    seed: int,
    events: int,
    kills: int,
    troubles: Sequence[fire.Trouble],
    broker: str = "",
) -> tuple[Summary, list[str]]:
    """One round: `events` orders come in while `kills` troubles happen at random moments."""
    chance = Random(seed)
    behave = fire.behave if troubles is fire.KILLS else fire.misbehave
    with System(folder, nursery, seed=seed, behave=behave, broker=broker) as system:
        numbers = range(events)
        system.agree(numbers)
        feeding = system.feeding(numbers, pause=0.15)
        for _ in range(kills):
            time.sleep(chance.uniform(0.5, 3.0))
            chance.choice(troubles)(system, chance)
        feeding.join(300)
        system.rest(180)
        return summary(system.store, system.sink.mails, system.accepted), system.findings()


def main() -> int:
    parser = argparse.ArgumentParser(prog="make crash", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1, help="of the first round; each further one adds 1")
    parser.add_argument("--events", type=int, default=1_500)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--everything", action="store_true", help="not only workers: Redis, broker, clock, mail server")
    parser.add_argument(
        "--broker", default="", help="URL of another broker than Redis, say amqp://guest:guest@127.0.0.1:5672//"
    )
    wanted = parser.parse_args()
    troubles = fire.EVERY if wanted.everything else fire.KILLS
    logs = Path(tempfile.mkdtemp(prefix="crash-nursery-"))
    with Nursery(logs) as nursery:
        bad = [
            seed
            for seed in range(wanted.seed, wanted.seed + wanted.rounds)
            if not _round(nursery, seed, wanted.events, wanted.kills, troubles, wanted.broker)
        ]
    shutil.rmtree(logs)
    print(f"{wanted.rounds - len(bad)} of {wanted.rounds} rounds kept every promise")
    return 1 if bad else 0


def _round(nursery: Nursery, seed: int, events: int, kills: int, troubles: Sequence[fire.Trouble], broker: str) -> bool:
    folder, begin = Path(tempfile.mkdtemp(prefix=f"crash-{seed}-")), time.monotonic()
    said: Summary | str
    try:
        said, findings = play(folder, nursery, seed, events, kills, troubles, broker)
    except AssertionError as fault:
        said, findings = "did not come to its end", [str(fault)]
    print(f"seed {seed}: {said} ({time.monotonic() - begin:.0f} s)", flush=True)
    if findings:
        print(*(f"    {finding}" for finding in findings[:10]), f"    see {folder}", sep="\n", flush=True)
    else:
        shutil.rmtree(folder)
    return not findings


if __name__ == "__main__":
    sys.exit(main())
