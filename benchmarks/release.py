"""A change of policy: how long it takes until workers that run heed it."""

from __future__ import annotations

import time

from pydantic import SecretStr

from benchmarks.lab import Lab, wait_until
from benchmarks.measure import Measure
from benchmarks.shop import POLICIES, customers, sources
from benchmarks.sinks import Sink
from engine.define.folder import with_shared
from engine.runtime.plans import publish


def policy(scale: float) -> list[Measure]:
    """From `deploy` to the first message that leaves otherwise: the purpose's mail turns into files."""
    slowest, rounds = 0.0, max(2, int(5 * scale))
    with Sink("smtp") as sink, Lab(sources(), smtp_url=SecretStr(f"smtp://127.0.0.1:{sink.port}")) as lab:
        lab.start("advance", "deliver")
        now, number = lab.store.clock().engine, 0
        outbox = lab.folder / "outbox"
        for turn in range(rounds):
            mode = ("outbox", "live")[turn % 2]
            changed = POLICIES.replace("delivery: live", f"delivery: {mode}")
            lab.accept(customers(1, now, number))
            number += 1
            wait_until(lambda n=number: sink.count + _files(outbox) >= n, 30, "a message")  # type: ignore[misc]
            before = (sink.count, _files(outbox))
            publish(lab.store, with_shared({**sources(), "journeys/policies.yaml": changed}))
            begun = time.monotonic()
            while True:
                lab.accept(customers(1, now, number))
                number += 1
                wait_until(lambda n=number: sink.count + _files(outbox) >= n, 30, "a message")  # type: ignore[misc]
                if (_files(outbox) > before[1]) if mode == "outbox" else (sink.count > before[0]):
                    break
            slowest = max(slowest, time.monotonic() - begun)
    return [Measure("effect of a policy change, the slowest", slowest, "s", more=False, target=2.0)]


def _files(outbox: object) -> int:
    from pathlib import Path

    return len(list(Path(str(outbox)).rglob("*-email-*.html")))
