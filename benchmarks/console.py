"""What a page of the console costs the server with ten thousand people in a journey, and what it costs to look on."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlencode

from pydantic import SecretStr

from benchmarks.decisions import KEY, PORT
from benchmarks.lab import Lab, group_cpu, wait_until
from benchmarks.measure import Measure
from benchmarks.shop import MESSAGE, VOCABULARY
from engine.model.event import Event
from engine.model.flow import PASSED, Flow
from engine.model.ids import profile_id
from engine.runtime import keys
from engine.runtime.pump import drain
from engine.settings import environment

PEOPLE, TIMES, VIEWERS, LOOKS = 10_000, 30, 20, 10.0
MOST = 300.0  # ms
STEPS, VERSIONS, LETTERS, LOG = 200, 200, 10_000, 100_000
OTHERS = 50  # journeys beside it, with people in every shard
SOURCES = {
    "journeys/vocabulary.yaml": VOCABULARY,
    "journeys/policies.yaml": "policies: {timezone: Europe/Paris, purposes: {service: {transactional: true}}}\n",
    "journeys/placements.yaml": "placements: {web.home: {}}\n",
    "journeys/actions.yaml": """
actions:
  bread: {purpose: service, placements: [web.home], message: welcome, propensity: 0.3}
  cheese: {purpose: service, placements: [web.home], message: welcome, propensity: 0.2}
""",
    "journeys/welcome.yaml": """
journey: welcome
purpose: service
start: {event: account_created}
goal: order_placed
holdout: 20%
steps:
  - split: words
    arms:
      short: {share: 50%, then: [{wait: 2h}]}
      long: {share: 50%, then: [{wait: 3h}]}
  - send: welcome
    via: email
""",
    "journeys/long.yaml": "journey: long\npurpose: service\nstart: {event: basket_updated}\nsteps:\n"
    + "".join(f"  - wait: {1 + number}h\n" for number in range(STEPS)),
    "templates/messages/welcome.j2": MESSAGE,
}


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of each request, and of the server's processor for one of them."""

    wall: list[float]
    cpu: float
    size: int


class Visitor:
    """A browser with one connection and one session."""

    def __init__(self) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        head = {"Content-Type": "application/x-www-form-urlencoded"}
        self.line.request("POST", "/console/sign-in", urlencode({"key": KEY}), head)
        answer = self.line.getresponse()
        answer.read()
        self.cookie = (answer.headers["set-cookie"] or "").partition(";")[0]

    def get(self, path: str, **head: str) -> bytes:
        self.line.request("GET", path, headers={"Cookie": self.cookie, **head})
        answer = self.line.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
        return body

    def took(self, path: str, leader: int, times: int) -> Took:
        """Ask so many times, after a first time that does not count."""
        size, wall = len(self.get(path)), []
        before = group_cpu(leader)
        for _ in range(times):
            begun = time.perf_counter()
            self.get(path)
            wall.append((time.perf_counter() - begun) * 1e3)
        return Took(sorted(wall), (group_cpu(leader) - before) / times * 1e3, size)


def console(scale: float) -> list[Measure]:
    """Every page; `scale` is a part of ten thousand people."""
    people = max(100, int(PEOPLE * scale))
    settings = {"api_port": PORT, "api_keys": (SecretStr(KEY),)}
    with Lab(SOURCES, **settings) as lab:
        _fill(lab, people)
        with _serving(lab) as leader:
            me = Visitor()
            constant = me.took("/console/sign-in", leader, TIMES)
            someone = profile_id("customer_id", "c1")
            pages = {
                "the overview": "/console/",
                "the journeys": "/console/journeys",
                f"a journey, {VERSIONS} versions": "/console/journeys/welcome",
                f"a journey of {STEPS} steps": "/console/journeys/long",
                "people": "/console/people",
                "people, offers alone": "/console/people?show=offers",
                "a person": f"/console/people/{someone}",
                "their consent": f"/console/people/{someone}/consent",
                "their messages": f"/console/people/{someone}/messages",
                "what is known of them": f"/console/people/{someone}/profile",
                "messages": "/console/messages",
                "a message": "/console/messages/welcome",
                "a decision": f"/console/decisions?who={someone}&at=web.home",
                "the time machine": "/console/machine",
                "reports": "/console/reports",
                f"health, {LETTERS:,} set aside": "/console/health",
                "the audit": "/console/audit",
            }
            found = [_measure(name, me.took(path, leader, TIMES), constant, people) for name, path in pages.items()]
            looks = {
                "20 who look at one journey": ["/console/journeys/welcome"],
                "20 who look at the overview": ["/console/"],
                "20 who look at one person": [f"/console/people/{someone}"],
                "20 who look at 20 people": [
                    f"/console/people/{profile_id('customer_id', f'c{number}')}" for number in range(VIEWERS)
                ],
            }
            cookies = [me.cookie, Visitor().cookie]  # of one session only so many pages change by themselves
            return found + [_looking(name, paths, cookies, leader) for name, paths in looks.items()]


def _measure(name: str, took: Took, constant: Took, people: int) -> Measure:
    return Measure(
        f"the console with {people:,} people: {name}, p95",
        took.wall[min(len(took.wall) - 1, int(len(took.wall) * 0.95))],
        "ms",
        more=False,
        target=MOST,
        beside={"a page that never changes": statistics.median(constant.wall)},
        note=f"p50 {statistics.median(took.wall):.1f} ms, {took.cpu:.1f} ms of processor, {took.size / 1000:,.0f} kB",
    )


def _fill(lab: Lab, people: int) -> None:
    """People in the journey, some of whom have bought; logs, versions and dead letters as after years."""
    now = lab.store.clock().engine
    names = [f"c{number}" for number in range(people)]
    lab.accept(
        Event(
            id=f"j{who}",
            name="account_created",
            profile={"customer_id": who, "email": f"{who}@fernhill.example"},
            at=now,
            received=now,
            properties={"first_name": who},
        )
        for who in names
    )
    lab.accept(
        Event(id=f"b{who}", name="basket_updated", profile={"customer_id": who}, at=now, received=now,
              properties={"basket_id": who, "total": 3.0})
        for who in names
    )  # fmt: skip
    lab.accept(
        Event(id=f"o{who}", name="order_placed", profile={"customer_id": who}, at=now, received=now,
              properties={"order_id": who, "total": 3.0})
        for who in names[::10]
    )  # fmt: skip
    drain(lab.engine)
    journey, scale = lab.plan.journeys["welcome"], people / PEOPLE
    pipe = lab.store.redis.pipeline(transaction=False)
    for shard in keys.EVERY_SHARD:
        rows = lab.store.redis.xrange(keys.log(shard), count=50)
        more = max(0, int(LOG * scale) // len(keys.EVERY_SHARD) - lab.store.redis.xlen(keys.log(shard)))
        for number in range(more if rows else 0):
            pipe.xadd(keys.log(shard), rows[number % len(rows)][1])
        for version in range(shard % 8, VERSIONS, 8):
            name = f"{version:012x}"
            pipe.hset(keys.counts(shard), f"welcome|{name}|{journey.first}", 3)
            for step in journey.steps.values():
                pipe.hset(keys.flows(shard), str(Flow("welcome", name, PASSED, step.id, step.next)), 40)
        for other in range(OTHERS):
            flows = {str(Flow(f"other{other:02}", "a" * 12, PASSED, f"step{n}", f"step{n + 1}")): 40 for n in range(20)}
            pipe.hset(keys.flows(shard), mapping=flows)
        for number in range(int(LETTERS * scale) // len(keys.EVERY_SHARD)):
            pipe.xadd(
                keys.dead(shard),
                {"profile": "c", "reason": f"ValueError: {number}", "trace": "x" * 2_000, "at": now + number},
            )
        pipe.execute()


@contextmanager
def _serving(lab: Lab) -> Iterator[int]:
    env = {**os.environ, **environment(lab.settings)}
    process = subprocess.Popen([sys.executable, "-m", "engine", "serve"], env=env, start_new_session=True)
    try:
        wait_until(lambda: process.poll() is not None or _answers(), 60, "the console", every=0.1)
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _answers() -> bool:
    try:
        Visitor()
    except OSError:
        return False
    return True


def _looking(name: str, paths: list[str], cookies: list[str], leader: int) -> Measure:
    """Many look at once while nothing happens: what that takes of one core."""
    over, lines = threading.Event(), list[http.client.HTTPConnection]()

    def look(number: int, path: str) -> None:
        line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        line.request("GET", path, headers={"Cookie": cookies[number % 2], "Accept": "text/event-stream"})
        lines.append(line)
        answer = line.getresponse()
        with suppress(OSError, ValueError, AttributeError, http.client.HTTPException):
            while not over.is_set():
                answer.readline()

    several = [threading.Thread(target=look, args=(n, paths[n % len(paths)]), daemon=True) for n in range(VIEWERS)]
    for each in several:
        each.start()
    time.sleep(3.0)
    before = group_cpu(leader)
    time.sleep(LOOKS)
    share = (group_cpu(leader) - before) / LOOKS
    over.set()
    for line in lines:
        with suppress(OSError, AttributeError):
            line.sock.shutdown(socket.SHUT_RDWR)
    for each in several:
        each.join(5)
    return Measure(f"the console: {name}, while nothing happens", share * 100, "% of a core", more=False)
