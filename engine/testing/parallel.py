"""A run shared by several processes: each takes some of the customers, the records are merged in order."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from heapq import merge
from pathlib import Path
from time import perf_counter
from typing import IO

import msgspec

from engine.define.workspace import Compiled, compile_sources
from engine.model.errors import DecisionFault
from engine.testing.partition import Parts
from engine.testing.run import Done, Progress, Sink, Turn, run_part


class Job(msgspec.Struct):
    """What one process is to do."""

    sources: dict[str, str]
    file: str
    until: int | None
    part: int
    parts: int


class Frame(msgspec.Struct):
    """What it says now and then: records in order, and its counts so far."""

    turns: list[Turn]
    done: Done


def run_parts(
    compiled: Compiled, file: Path, sink: Sink, *, until: int | None, progress: Progress | None, jobs: int
) -> Done:
    """Run a file in `jobs` processes. The records, and their order, are those of one process.

    Raises DecisionFault when a process dies.
    """
    begun = perf_counter()
    dones = [Done() for _ in range(jobs)]
    workers: list[subprocess.Popen[bytes]] = []
    try:
        for part in range(jobs):
            # the command line is not enough: the sources go in by the pipe
            worker = subprocess.Popen(
                [sys.executable, "-m", "engine.testing.parallel"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            workers.append(worker)
            _put(worker.stdin, msgspec.msgpack.encode(Job(dict(compiled.sources), str(file), until, part, jobs)))
        streams = [_turns(worker, dones, part) for part, worker in enumerate(workers)]
        for number, turn in enumerate(merge(*streams, key=Turn.order), start=1):
            sink(turn.record)
            if progress is not None and number % 500 == 0:
                progress(_total(dones, perf_counter() - begun))
        done = _total(dones, perf_counter() - begun)
        if progress is not None:
            progress(done)
        return done
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()


def _turns(worker: subprocess.Popen[bytes], dones: list[Done], part: int) -> Iterator[Turn]:
    decode = msgspec.msgpack.Decoder(Frame).decode
    while data := _take(worker.stdout):
        frame = decode(data)
        dones[part] = frame.done
        yield from frame.turns
    if worker.wait() != 0:
        raise DecisionFault("simulate", f"process {part + 1} ended with code {worker.returncode}")


def _total(dones: list[Done], seconds: float) -> Done:
    return Done(
        events=sum(done.events for done in dones),
        duplicates=sum(done.duplicates for done in dones),
        set_aside=sum(done.set_aside for done in dones),
        profiles=sum(done.profiles for done in dones),
        first=min((done.first for done in dones if done.first), default=0),
        last=max(done.last for done in dones),
        seconds=seconds,
    )


def _put(pipe: IO[bytes] | None, data: bytes) -> None:
    assert pipe is not None
    pipe.write(len(data).to_bytes(8, "big") + data)
    pipe.flush()


def _take(pipe: IO[bytes] | None) -> bytes:
    """The next piece of data; b'' at the end."""
    assert pipe is not None
    head = pipe.read(8)
    return pipe.read(int.from_bytes(head, "big")) if len(head) == 8 else b""


def main() -> None:
    """One process of a run. Ctrl-C is for the one that started it, which then ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    job = msgspec.msgpack.decode(_take(sys.stdin.buffer), type=Job)
    compiled = compile_sources(job.sources).sound()
    encode = msgspec.msgpack.Encoder().encode
    done = Done()
    with Path(job.file).open("rb") as lines:
        parts = Parts(compiled.plan, lines, job.parts)
    with Path(job.file).open("rb") as lines:
        for turns in run_part(compiled, lines, done, until=job.until, part=job.part, parts=parts):
            _put(sys.stdout.buffer, encode(Frame(turns, done)))


if __name__ == "__main__":
    main()
