"""A whole file of events in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec

from engine.define.workspace import Compiled
from engine.model.errors import BadEvent
from engine.model.record import Record
from engine.model.span import DAY
from engine.policy.wallclock import iso
from engine.testing.feed import SetAside, read_lines
from engine.testing.simulator import Simulator

# How long a run goes on after the last event when nobody says where to stop.
LONGEST_TAIL = 400 * DAY


@dataclass(slots=True)
class Done:
    """What a run did: events processed, repeats, lines set aside, customers seen, seconds of real time."""

    events: int = 0
    duplicates: int = 0
    set_aside: int = 0
    profiles: int = 0
    first: int = 0
    last: int = 0
    seconds: float = 0.0


def until_instant(text: str) -> int:
    """Epoch ms of an ISO instant; without a zone it is UTC. Raises BadEvent."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadEvent("--until", f"'{text}' is no instant: write 2026-03-01T08:00:00Z") from None
    return round((moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def run_file(
    compiled: Compiled,
    file: Path,
    sink: Callable[[Record], None],
    *,
    until: int | None = None,
    progress: Callable[[Done], None] | None = None,
) -> Done:
    """Run the events of a file; see `run_lines`."""
    with file.open("rb") as lines:
        return run_lines(compiled, lines, sink, until=until, progress=progress)


def run_lines(
    compiled: Compiled,
    lines: Iterable[bytes],
    sink: Callable[[Record], None],
    *,
    until: int | None = None,
    progress: Callable[[Done], None] | None = None,
) -> Done:
    """Run events in virtual time until `until` (epoch ms), else until nothing waits any more.

    `sink` gets every record in order; `progress` is called now and then with the counts so far.
    """
    simulator = Simulator(compiled.plan, compiled.renderer.render, sink)
    done = Done()
    begun = perf_counter()
    for entry in read_lines(lines, compiled.plan.vocabulary):
        if isinstance(entry, SetAside):
            done.set_aside += 1
            reason = f"line {entry.line}: {entry.reason}"
            sink(Record(at=simulator.now, profile="", kind="set_aside", reason=reason, extra={"text": entry.text}))
            continue
        if until is not None and entry.received > until:
            break
        if simulator.feed(entry):
            done.duplicates += 1
            continue
        done.events += 1
        done.first = done.first or entry.received
        done.last = simulator.now
        if progress is not None and done.events % 2000 == 0:
            done.profiles, done.seconds = len(simulator.profiles), perf_counter() - begun
            progress(done)
    simulator.run_until(until if until is not None else simulator.now + LONGEST_TAIL)
    done.profiles, done.seconds = len(simulator.profiles), perf_counter() - begun
    return done


def as_data(record: Record) -> dict[str, Any]:
    """A record for programs: instants as ISO text, the customer as identifier:value."""
    data: dict[str, Any] = {
        "at": iso(record.at),
        "profile": record.label,
        "journey": record.journey,
        "step": record.step,
        "kind": record.kind,
        "message": record.message,
        "channel": record.channel,
        "reason": record.reason,
        "place": record.place,
    }
    if record.until is not None:
        data["until"] = iso(record.until)
    if record.key:
        data["key"] = record.key
    if record.id:
        data["id"] = record.id
    if record.extra:
        data.update(record.extra)
    return data


_encode = msgspec.json.Encoder().encode


def to_json(record: Record) -> bytes:
    """One line of `simulate --json`."""
    return _encode(as_data(record))
