"""The bare loop: the reads, writes and sends of an engine, by one process or several, with no engine in between.

It decides nothing, keeps no order, loses what it holds when it is killed. It is what the machine gives.
"""

from __future__ import annotations

import multiprocessing
import smtplib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

import redis

from benchmarks.sinks import Sink
from engine.runtime.blob import pack

BATCH = 200
Sending = Callable[[str, int, bytes, range], None]
_spawn = multiprocessing.get_context("spawn")
PROFILE = {f"attribute_{number}": "x" * 12 for number in range(30)}


@dataclass(frozen=True, slots=True)
class Loop:
    """What a loop did: items in a second, and processor seconds for each in its own process."""

    rate: float
    cpu: float


def state(url: str, count: int) -> Loop:
    """Events in (XADD), read (XREADGROUP), customer read (HGET), written (HSET), event done (XACK, XDEL)."""
    client: Any = redis.Redis.from_url(url)
    client.flushall()
    client.xgroup_create("in", "g", "0", mkstream=True)
    blob = pack(PROFILE)
    begun, spent = time.perf_counter(), time.process_time()
    for first in range(0, count, BATCH):
        pipe = client.pipeline(transaction=False)
        for number in range(first, first + BATCH):
            pipe.xadd("in", {"e": pack([number, PROFILE])})
        pipe.execute()
    done = 0
    while done < count:
        ((_, entries),) = client.xreadgroup("g", "c", {"in": ">"}, count=BATCH)
        pipe = client.pipeline(transaction=False)
        for entry, _ in entries:
            pipe.hget(f"p:{entry.decode()}", "b")
        pipe.execute()
        pipe = client.pipeline(transaction=False)
        for entry, _ in entries:
            pipe.hset(f"p:{entry.decode()}", "b", blob)
            pipe.xack("in", "g", entry)
            pipe.xdel("in", entry)
        pipe.execute()
        done += len(entries)
    return Loop(count / (time.perf_counter() - begun), (time.process_time() - spent) / count)


def mail(url: str, sink: Sink, letter: bytes, count: int, processes: int = 1) -> Loop:
    """`state`, and for each event a finished letter to the mail server over a kept connection."""
    return _sent(_mail, url, sink, letter, count, processes)


def push(url: str, sink: Sink, body: bytes, count: int, processes: int = 1) -> Loop:
    """`state`, and for each event a finished post over a kept connection."""
    return _sent(_push, url, sink, body, count, processes)


def _sent(send: Sending, url: str, sink: Sink, what: bytes, count: int, processes: int) -> Loop:
    """By one process, this one, or by several at once, each of which does its part."""
    redis.Redis.from_url(url).flushall()
    if processes == 1:
        begun, spent = time.perf_counter(), time.process_time()
        send(url, sink.port, what, range(count))
        return Loop(count / (time.perf_counter() - begun), (time.process_time() - spent) / count)
    ready = _spawn.Barrier(processes + 1)
    told: Any = _spawn.Queue()
    parts = [range(place, count, processes) for place in range(processes)]
    workers = [_spawn.Process(target=_part, args=(ready, told, send, url, sink.port, what, each)) for each in parts]
    for each in workers:
        each.start()
    ready.wait()
    begun = time.perf_counter()
    spent = sum(told.get() for _ in workers)
    took = time.perf_counter() - begun
    for each in workers:
        each.join()
    return Loop(count / took, spent / count)


def _part(ready: Any, told: Any, send: Sending, url: str, port: int, what: bytes, numbers: range) -> None:
    """The process of one part; it tells how many seconds of the processor it took."""
    ready.wait()
    spent = time.process_time()
    send(url, port, what, numbers)
    told.put(time.process_time() - spent)


def _mail(url: str, port: int, letter: bytes, numbers: range) -> None:
    client: Any = redis.Redis.from_url(url)
    blob = pack(PROFILE)
    link = smtplib.SMTP("127.0.0.1", port)
    link.ehlo()
    for number in numbers:
        _round(client, number, blob)
        link.sendmail("hello@fernhill.example", [f"c{number}@fernhill.example"], letter)
        client.hset(f"m:{number}", "outcome", "accepted")


def _push(url: str, port: int, body: bytes, numbers: range) -> None:
    client: Any = redis.Redis.from_url(url)
    blob = pack(PROFILE)
    link = HTTPConnection("127.0.0.1", port)
    for number in numbers:
        _round(client, number, blob)
        link.request("POST", "/push", body)
        link.getresponse().read()
        client.hset(f"m:{number}", "outcome", "accepted")


def latency(url: str, sink: Sink, letter: bytes, count: int) -> list[float]:
    """Milliseconds of one round after the other: event in, customer read and written, letter taken."""
    client: Any = redis.Redis.from_url(url)
    client.flushall()
    blob = pack(PROFILE)
    link = smtplib.SMTP("127.0.0.1", sink.port)
    link.ehlo()
    took = []
    for number in range(count):
        begun = time.perf_counter()
        _round(client, number, blob)
        link.sendmail("hello@fernhill.example", [f"c{number}@fernhill.example"], letter)
        took.append((time.perf_counter() - begun) * 1e3)
        time.sleep(0.05)
    return took


def timers(url: str, pending: int, after: Sequence[int]) -> tuple[list[float], float]:
    """(seconds late of each, bytes of Redis for each) of a sorted set that is looked at twice a second.

    `after`: in how many ms each of those falls due that are measured, the last one last.
    """
    client: Any = redis.Redis.from_url(url)
    before = client.info("memory")["used_memory"]
    far = int(time.time() * 1e3) + 400 * 86_400_000
    for first in range(0, pending, 1_000):
        client.zadd("waits", {f"p{number:023d}": far + number for number in range(first, min(first + 1_000, pending))})
    held = (client.info("memory")["used_memory"] - before) / max(pending, 1)
    now = int(time.time() * 1e3)
    client.zadd("waits", {f"d{number:023d}": now + each for number, each in enumerate(after)})
    late: list[float] = []
    while len(late) < len(after):
        time.sleep(0.5)
        for name, due in client.zrangebyscore("waits", "-inf", time.time() * 1e3, withscores=True):
            client.zrem("waits", name)
            late.append(time.time() - due / 1e3)
    return late, held


def _round(client: Any, number: int, blob: bytes) -> None:
    pipe = client.pipeline(transaction=False)
    pipe.xadd("in", {"e": pack([number, PROFILE])})
    pipe.hget(f"p:{number}", "b")
    pipe.execute()
    pipe = client.pipeline(transaction=False)
    pipe.hset(f"p:{number}", "b", blob)
    pipe.hset(f"m:{number}", "outcome", "sending")
    pipe.execute()
