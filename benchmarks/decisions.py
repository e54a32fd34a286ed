"""What a decision costs: over HTTP beside the same endpoint that answers a constant, in this process, and its rules."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from benchmarks import actions
from benchmarks.lab import Lab, group_cpu, wait_until
from benchmarks.measure import Measure
from engine.decide.rulebook import Rulebook
from engine.model.condition import Scope
from engine.model.plan import Plan
from engine.runtime.asking.asker import Asker
from engine.runtime.asking.question import Question
from engine.runtime.pump import drain
from engine.settings import environment


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


SIZES = (20, 200, 500, 2_000)
JUDGED = 500  # actions with which the targets have to be reached
CUSTOMERS = 200
CONNECTIONS = 8
WORKERS = 2
RATE = 500.0  # requests a second at which the latency has to hold
RICH = 31  # a customer who is shown as much as there may be
KEY = "the-key-of-this-benchmark"
PORT = _free_port()


def decisions(scale: float) -> list[Measure]:
    """20 to 2,000 actions, half of which may be shown where it is asked."""
    found: list[Measure] = []
    for size in SIZES if scale >= 0.2 else (JUDGED,):
        found += _of(size, max(200, int(4_000 * scale)))
    return found


def _of(size: int, count: int) -> list[Measure]:
    settings: dict[str, Any] = {"api_port": PORT, "api_workers": WORKERS, "api_keys": (SecretStr(KEY),)}
    with Lab(actions.sources(size), decide_ms=10_000, **settings) as lab:
        lab.accept(actions.pasts(CUSTOMERS))
        drain(lab.engine)
        bodies = [_body(number) for number in range(count)]
        with _serving(lab) as leader:
            first = _asked([_body(RICH)])  # what the constant answers
            most = 0.8 if size > SIZES[0] else 0.5  # of a few actions fewer fit
            _loaded(bodies[: max(50, count // 4)], most=most)
            before, redis = group_cpu(leader), _redis_cpu(lab)
            full = _loaded(bodies, most=most)
            ours, redis = group_cpu(leader) - before, _redis_cpu(lab) - redis
            calm = _loaded(bodies, RATE, most=most)
        with _constant(first):
            _loaded(bodies[: count // 4], shown=0)
            constant = _loaded(bodies, shown=0)
        alone = _alone(lab, count // 4)
        judged = size == JUDGED
        rules = [
            Measure(
                f"rules, {size} actions: durable_rules for one answer",
                _rules(lab.plan, "durable_rules"),
                "us",
                more=False,
                beside={"the compiled functions": _rules(lab.plan, "python")},
                note=f"{len(lab.plan.rules)} rules",
            )
        ]
    return [
        Measure(
            f"decisions over HTTP, {size} actions",
            full.rate,
            "/s",
            target=500.0 if judged else None,
            beside={"a constant": constant.rate},
            note=f"{CONNECTIONS} connections, {WORKERS} workers",
        ),
        Measure(
            f"an answer, {size} actions, as many as there may be, p99",
            _share(full.took, 0.99),
            "ms",
            more=False,
            beside={"a constant": _share(constant.took, 0.99)},
            note=f"p50 {_share(full.took, 0.5):.1f} ms",
        ),
        Measure(
            f"an answer, {size} actions, {RATE:.0f} a second, p99",
            _share(calm.took, 0.99),
            "ms",
            more=False,
            target=20.0 if judged else None,
            note=f"p50 {_share(calm.took, 0.5):.1f} ms, each timed from the instant at which it was due",
        ),
        Measure(
            f"processor for an answer over HTTP, {size} actions: ours",
            ours / count * 1e3,
            "ms",
            more=False,
            beside={"Redis": redis / count * 1e3, "who asks": full.cpu / count * 1e3},
            note="with its record; 500 a second on two cores leave 4 ms for all of it",
        ),
        Measure(f"in one process, {size} actions, with its round trip and its words", alone, "ms", more=False),
        *(rules if judged else []),
    ]


def _body(number: int) -> dict[str, Any]:
    return {
        "profile": {"customer_id": f"c{number % CUSTOMERS}"},
        "placement": "web.home",
        "context": {"intent": f"look_{number % 10}"},
        "request_id": f"r{number}-{time.monotonic_ns()}",
    }


@contextmanager
def _serving(lab: Lab) -> Iterator[int]:
    env = {**os.environ, **environment(lab.settings)}
    with _running([sys.executable, "-m", "engine", "serve"], env, b"") as leader:
        yield leader


@contextmanager
def _constant(answer: bytes) -> Iterator[None]:
    with _running(
        [sys.executable, "-m", "benchmarks.constant", str(PORT), str(WORKERS), KEY], dict(os.environ), answer
    ):
        yield


@contextmanager
def _running(command: Sequence[str], env: dict[str, str], given: bytes) -> Iterator[int]:
    process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, start_new_session=True)
    assert process.stdin is not None
    process.stdin.write(given)
    process.stdin.close()
    try:
        wait_until(lambda: process.poll() is not None or _answers(), 60, "the interface", every=0.1)
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _answers() -> bool:
    try:
        return bool(_asked([_body(0)]))
    except (RuntimeError, OSError):
        return False


def _asked(bodies: Sequence[dict[str, Any]]) -> bytes:
    """Ask one after the other; the last answer."""
    from urllib.request import ProxyHandler, Request, build_opener

    opener, answer = build_opener(ProxyHandler({})), b""
    head = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    for body in bodies:
        request = Request(f"http://127.0.0.1:{PORT}/v1/decisions", json.dumps(body).encode(), head)
        with opener.open(request, timeout=30) as found:
            answer = found.read()
    return answer


@dataclass(frozen=True, slots=True)
class Load:
    """Answers in a second, milliseconds of each, and seconds that asking took of the processor."""

    rate: float
    took: list[float]
    cpu: float


def _loaded(bodies: Sequence[dict[str, Any]], rate: float = 0.0, shown: int = 3, most: float = 0.8) -> Load:
    """Ask from a process of its own, as fast as answers come or at a `rate`; each answer is looked into afterwards."""
    for number, body in enumerate(bodies):
        body["request_id"] = f"q{number}-{time.monotonic_ns()}"
    connections = CONNECTIONS * 4 if rate else CONNECTIONS
    given = {"port": PORT, "key": KEY, "connections": connections, "rate": rate, "bodies": bodies}
    given |= {"shown": shown, "most": most}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.asking"], input=json.dumps(given).encode(), capture_output=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode()[-500:])
    found = json.loads(done.stdout)
    return Load(len(found["took"]) / found["seconds"], found["took"], found["cpu"])


def _redis_cpu(lab: Lab) -> float:
    used = lab.store.redis.info("cpu")
    return float(used["used_cpu_sys"]) + float(used["used_cpu_user"])


def _share(took: Sequence[float], share: float) -> float:
    return sorted(took)[min(len(took) - 1, int(len(took) * share))]


def _alone(lab: Lab, count: int) -> float:
    """Milliseconds of processor time for an answer in this process."""
    asker = Asker(lab.engine)
    try:
        context = {"intent": "look_5"}
        asked = [
            Question(
                ("web.home",),
                (("customer_id", f"c{number % CUSTOMERS}"),),
                context=context,
                mark=str(number),
                budget=60,
            )
            for number in range(count)
        ]
        asker.ask(asked[0])
        begun = time.process_time()
        for each in asked:
            asker.ask(each)
        return (time.process_time() - begun) / count * 1e3
    finally:
        asker.close()


def _rules(plan: Plan, engine: str) -> float:
    """Microseconds in which all rules are asked about one customer, the best of several rounds."""
    book: Rulebook = Rulebook(plan.rules, engine)
    scopes = [{"tier": f"tier_{number % 8}", "points": number * 31 % 1000} for number in range(50)]
    best = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        for customer in scopes:
            book.conclude(Scope(now=actions.NOW, customer=customer, context={"intent": "look_5"}))
        best = min(best, (time.perf_counter() - begun) / len(scopes))
    return best * 1e6
