"""Whether the real engine did what the simulator did: entry by entry of the log, and file by file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from engine.channels.providers.outbox import OutboxSender
from engine.cli.tables import story_line
from engine.define.events import read_event
from engine.define.workspace import Compiled
from engine.model.message import Outgoing, SendOutcome
from engine.model.record import Record
from engine.testing.simulator import Simulator
from examples.grocer.live_replay import Line

ACCEPTED = SendOutcome("accepted")


def records_apart(virtual: Iterable[Record], live: Iterable[Record]) -> list[str]:
    """A line for each entry that only one of them has; none when they agree."""
    here, there = (Counter(map(_entry, records)) for records in (virtual, live))
    only = [(entry, "only in virtual time") for entry in (here - there).elements()]
    only += [(entry, "only in the real engine") for entry in (there - here).elements()]
    return [f"{where}: {entry[-1]}" for entry, where in sorted(only)]


def _entry(record: Record) -> tuple[int, str, str]:
    """What must agree: the instant, the customer, and all that is told of it, with key, step and id."""
    exactly = ", ".join(part for part in (record.key, record.step, record.id) if part)
    return record.at, record.label, f"{record.label} {story_line(record)} [{exactly}]"


def virtual_outbox(compiled: Compiled, lines: Sequence[tuple[int, Line]], until: int, folder: Path) -> None:
    """The files that the simulator's messages would be: all channels but the shop, whose prompts are no files."""
    brand = compiled.plan.brand["sender"]
    sender = OutboxSender(folder, f"{brand['name']} <{brand['email']}>")

    def send(outgoing: Outgoing) -> SendOutcome:
        return ACCEPTED if outgoing.channel == "store" else sender.send(outgoing)

    simulator = Simulator(compiled.plan, compiled.renderer.render, lambda record: None, send)
    for _, line in lines:
        simulator.feed(read_event(compiled.plan.vocabulary, dict(line), None))
    simulator.run_until(until)


def files_apart(virtual: Path, live: Path) -> list[str]:
    """A line for each file that only one folder has, or that is not the same in both."""
    here, there = files(virtual), files(live)
    return [
        *(f"only in virtual time: {name}" for name in sorted(here.keys() - there.keys())),
        *(f"only in the real engine: {name}" for name in sorted(there.keys() - here.keys())),
        *(f"not the same: {name}" for name in sorted(here.keys() & there.keys()) if here[name] != there[name]),
    ]


def files(folder: Path) -> dict[str, bytes]:
    """The messages in an outbox, by path within it."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.glob("*-*-*/*")}
