"""The demo's second half: a few households through the real engine, and whether it did what the simulator did."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from time import perf_counter

from rich.console import Console

from engine.channels.providers.outbox_index import write_index
from engine.cli.console import fresh_link
from engine.define.workspace import Compiled
from engine.model.record import Record
from engine.runtime.store import Store
from engine.testing.run import until_instant
from examples.grocer.demo_households import Year
from examples.grocer.demo_progress import progress
from examples.grocer.live_compare import files, files_apart, records_apart, virtual_outbox
from examples.grocer.live_engine import Installation, installation, shown
from examples.grocer.live_replay import Line, logged, replay

MOST_SHOWN = 20


def live(
    compiled: Compiled,
    workspace: Path,
    kept: Path,
    events: Sequence[Line],
    year: Year,
    end: str,
    console: Console,
    stay: bool = False,
) -> int:
    """Run `events` through the engine until `end` and compare with what `year` says of these households.

    In a terminal, or with `stay`, the engine then stays until it is ended, with a link to its console.

    The exit code: 0 when both agree, 1 with the differences otherwise. Raises SetupError.
    """
    begun, until = perf_counter(), until_instant(end)
    lines = [(until_instant(event["at"]), event) for event in events]
    numbers = ", ".join(label.rpartition(":")[2] for label in year)
    console.print(f"{len(lines)} events of the households {numbers}, posted one instant after the other.")
    with installation(workspace, kept) as there:
        with progress(console, "live", len(lines)) as told:
            replay(there, lines, until, told)
        found = logged(there.state_url)
        differences = records_apart([record for told in year.values() for record in told], found)
        with TemporaryDirectory() as folder:
            virtual_outbox(compiled, lines, until, Path(folder))
            differences += files_apart(Path(folder), workspace / "outbox")
        console.print()
        if differences:
            return _apart(differences, console)
        _same(found, workspace / "outbox", console)
        took = perf_counter() - begun
        if stay or console.is_terminal:
            _stay(there, console)
        else:
            console.print(
                "In a terminal it stays there, with a link to its console; elsewhere with: make demo ARGS=--stay"
            )
    console.print(f"Time taken: {took:.1f} s for the live part. All its programs have ended.")
    return 0


def _apart(differences: Sequence[str], console: Console) -> int:
    console.print("The real engine and the simulator differ:")
    for line in differences[:MOST_SHOWN]:
        console.print(f"  {line}", soft_wrap=True)
    if len(differences) > MOST_SHOWN:
        console.print(f"  and {len(differences) - MOST_SHOWN} more")
    return 1


def _same(found: Sequence[Record], outbox: Path, console: Console) -> None:
    sent, written = sum(record.kind == "sent" for record in found), len(files(outbox))
    console.print(
        f"{sent} messages, the same as in virtual time, and so are {len(found) - sent} other entries of the log:\n"
        "customer, journey, step, message, channel, reason and instant, to the millisecond."
    )
    console.print(
        f"{written} messages are files, equal byte for byte to the simulator's"
        + (f"; {sent - written} went to an associate's tablet in the shop." if sent - written else ".")
    )
    console.print(f"Open {shown(write_index(outbox))} to see them.", soft_wrap=True)


def _stay(there: Installation, console: Console) -> None:
    """Somebody looks on: leave the engine running, with a link to its console, until they have seen enough."""
    store = Store.open(there.state_url)
    try:
        link = fresh_link(store, there.settings)
    finally:
        store.close()
    console.print("\n3. See in a browser what the engine did to these households, and why", style="bold")
    console.print(link, soft_wrap=True)
    console.print(
        "The link signs you in on this machine, once. There you find these households alone, and for them it is\n"
        "midnight after the last day of the year: the engine's clock stands still. Ctrl-C ends the demo."
    )
    with suppress(KeyboardInterrupt):
        Event().wait()
