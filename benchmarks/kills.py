"""Kills: 1,500 events while workers are killed five times, and what became of each message.

The engine's side is a round of the crash suite, as `make crash` plays it: real processes, the HTTP interface, a
mail server that knows each letter. The home-made way loses its worker as often, and is started again each time.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.measure import Measure
from benchmarks.rival import Rival
from benchmarks.sinks import Sink

KILLS, SEED = 5, 1
HOMEMADE = "one Celery task per event"


def kills(scale: float) -> list[Measure]:
    """SIGKILLs at random moments: what was lost, doubled, listed and left unfinished."""
    from tests.crash import fire
    from tests.crash.__main__ import play
    from tests.crash.processes import Nursery

    count = max(50, int(1_500 * scale))
    with tempfile.TemporaryDirectory(prefix="parcours-kills-", ignore_cleanup_errors=True) as folder:
        (logs := Path(folder, "nursery")).mkdir()
        (place := Path(folder, "round")).mkdir()
        with Nursery(logs) as nursery:
            found, broken = play(place, nursery, SEED, count, KILLS, fire.KILLS)
    doubled = found.doubled_marketing + found.doubled_receipts
    lost = found.events - found.once - found.unknown - doubled
    with Sink("smtp") as sink, Rival(smtp=sink) as rival:
        their_lost, their_doubled = rival.kills(count, KILLS, sink)
    return [
        _none(f"{count:,} events, {KILLS} SIGKILLs: neither sent nor listed", lost, {HOMEMADE: float(their_lost)}),
        _none("  marketing messages sent twice", found.doubled_marketing, {HOMEMADE: float(their_doubled)}),
        Measure("  transactional messages sent twice", found.doubled_receipts, "", more=False, target=KILLS),
        Measure("  listed as unknown", found.unknown, "", more=False),
        _none("  enrolments that are stuck", found.stuck, {}),
        _none("  other promises that were not kept", len(broken), {}),
    ]


def _none(name: str, value: int, beside: dict[str, float]) -> Measure:
    return Measure(name, value, "", more=False, target=0, beside=beside)
