"""One round with every trouble at once, in an order drawn with a seed. `make crash` has the long form."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.crash import fire
from tests.crash.processes import Nursery
from tests.crash.system import System

SEED = 7
ORDERS = 300


@pytest.mark.timeout(400)
def test_through_every_trouble_nothing_is_lost_and_nothing_doubled(tmp_path: Path, nursery: Nursery) -> None:
    chance = Random(SEED)
    troubles = list(fire.EVERY)
    chance.shuffle(troubles)
    with System(tmp_path, nursery, seed=SEED, leases="3000,12000", behave=fire.misbehave) as system:
        numbers = range(ORDERS)
        system.agree(numbers)
        feeding = system.feeding(numbers, pause=0.5)
        frozen = [fire.freeze(system, "advance-2", 4.0), fire.freeze(system, "deliver-2", 13.0)]
        for trouble in troubles:
            trouble(system, chance)
        feeding.join(120)
        for timer in frozen:
            timer.join()
        system.rest(200)
        assert system.findings() == []
        assert len(system.accepted) == ORDERS
