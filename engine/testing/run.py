"""A whole file of events in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from msgspec import Struct

from engine.define.workspace import Compiled
from engine.journey.steps.send_best import SendBest
from engine.model.errors import BadEvent
from engine.model.plan import Plan
from engine.model.record import Record
from engine.model.span import DAY
from engine.testing.feed import SetAside, read_lines
from engine.testing.partition import Parts
from engine.testing.simulator import Simulator

# How long a run goes on after the last event when nobody says where to stop.
LONGEST_TAIL = 400 * DAY
EVERY = 2_000


class Done(Struct):
    """What a run did: events processed, repeats, lines set aside, customers seen, seconds of real time."""

    events: int = 0
    duplicates: int = 0
    set_aside: int = 0
    profiles: int = 0
    first: int = 0
    last: int = 0
    seconds: float = 0.0


class Turn(Struct, array_like=True):
    """A record and its place in the order of the run: by instant, then by `turn` (see Simulator)."""

    at: int
    turn: tuple[int, int, str]
    record: Record

    def order(self) -> tuple[int, tuple[int, int, str]]:
        return self.at, self.turn


Sink = Callable[[Record], None]
Progress = Callable[[Done], None]


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
    sink: Sink,
    *,
    until: int | None = None,
    progress: Progress | None = None,
    jobs: int = 1,
) -> Done:
    """Run the events of a file; see `run_lines`. `jobs` processes share the customers; the result is the same.

    Where what one customer does decides what is chosen for another, one process does it all.
    """
    if jobs > 1 and not learns_on_the_way(compiled.plan):
        from engine.testing.parallel import run_parts

        return run_parts(compiled, file, sink, until=until, progress=progress, jobs=jobs)
    with file.open("rb") as lines:
        return run_lines(compiled, lines, sink, until=until, progress=progress)


def learns_on_the_way(plan: Plan) -> bool:
    """Whether journeys send what was learned to be accepted."""
    chooses = any(step.verb.name == SendBest.name for each in plan.journeys.values() for step in each.steps.values())
    return chooses and any(action.propensity.learn for action in plan.actions.values())


def run_lines(
    compiled: Compiled,
    lines: Iterable[bytes],
    sink: Sink,
    *,
    until: int | None = None,
    progress: Progress | None = None,
) -> Done:
    """Run events in virtual time until `until` (epoch ms), else until nothing waits any more.

    `sink` gets every record in order; `progress` is called now and then with the counts so far.
    """
    done = Done()
    for turns in run_part(compiled, lines, done, until=until):
        for turn in turns:
            sink(turn.record)
        if progress is not None:
            progress(done)
    return done


def run_part(
    compiled: Compiled,
    lines: Iterable[bytes],
    done: Done,
    *,
    until: int | None = None,
    part: int = 0,
    parts: Parts | None = None,
) -> Iterator[list[Turn]]:
    """Run the customers of one part of `parts` (None: all); lists of records in order, `done` counting meanwhile.

    What concerns no customer (lines set aside, repeats) belongs to part 0.
    """
    found: list[Turn] = []

    def keep(record: Record) -> None:
        found.append(Turn(record.at, simulator.turn, record))

    simulator = Simulator(
        compiled.plan, compiled.renderer.render, keep, mine=lambda event: parts is None or parts.of(event) == part
    )
    begun = perf_counter()
    for number, entry in enumerate(read_lines(lines, compiled.plan.vocabulary), start=1):
        if isinstance(entry, SetAside):
            if part == 0:
                done.set_aside += 1
                reason = f"line {entry.line}: {entry.reason}"
                # a turn of its own, after that of the line before it, whichever process had that
                simulator.turn = (0, simulator.turn[1], "set aside")
                keep(Record(at=simulator.now, profile="", kind="set_aside", reason=reason, extra={"text": entry.text}))
            continue
        if until is not None and entry.received > until:
            break
        answer = simulator.feed(entry)
        done.duplicates += answer == "duplicate" and part == 0
        done.events += not answer
        done.first = done.first or entry.received
        done.last = simulator.now
        if number % EVERY == 0:
            done.profiles, done.seconds = len(simulator.profiles), perf_counter() - begun
            yield _settled(found, simulator.now)
    simulator.run_until(until if until is not None else simulator.now + LONGEST_TAIL)
    done.profiles, done.seconds = len(simulator.profiles), perf_counter() - begun
    yield sorted(found, key=Turn.order)


def _settled(found: list[Turn], now: int) -> list[Turn]:
    """Take what can get no earlier neighbour any more out of `found`, in order."""
    ready = sorted((turn for turn in found if turn.at < now), key=Turn.order)
    found[:] = [turn for turn in found if turn.at >= now]
    return ready
