"""Ten thousand sign-ups at once, and a provider that takes five hundred messages a second.

Each sign-up gets a verification (transactional) and a welcome (triggered) by the same channel. The
verifications leave first, at the provider's pace; then the welcomes; none is dropped.
"""

from __future__ import annotations

import time

from benchmarks.events import SECRET
from benchmarks.lab import Lab, wait_until
from benchmarks.measure import Measure
from benchmarks.shop import MESSAGE, customers, sources
from benchmarks.sinks import Sink
from engine.model.event import Event
from engine.runtime import keys

RATE = 500
POLICIES = f"""
policies:
  timezone: Europe/Paris
  delivery: live
  purposes: {{news: {{}}, service: {{transactional: true}}}}
  rates: {{push: {RATE}/s}}
"""
JOURNEY = """
journey: {name}
purpose: {purpose}
start: {{event: account_created}}
steps:
  - send: welcome
    via: push
    purpose: {purpose}
"""


def rush(scale: float) -> list[Measure]:
    """Sign-ups in one second, two messages each, one provider with a limit."""
    count = int(10_000 * scale)
    files = {
        **sources("push"),
        "journeys/policies.yaml": POLICIES,
        "journeys/welcome.yaml": JOURNEY.format(name="welcome", purpose="news"),
        "journeys/verify.yaml": JOURNEY.format(name="verify", purpose="service"),
        "templates/messages/welcome.j2": MESSAGE,
    }
    with Sink("http") as sink:
        settings: dict[str, object] = {
            "push_url": f"http://127.0.0.1:{sink.port}/push",
            "webhook_secret": SECRET,
        }
        with Lab(files, **settings) as lab:
            return _measure(lab, sink, count)


def _measure(lab: Lab, sink: Sink, count: int) -> list[Measure]:
    now = lab.store.clock().engine
    people = list(customers(count, now))
    agreed = {"channel": "push", "purpose": "news", "state": "granted"}
    lab.accept(
        Event(id=f"g{each.id}", name="consent_changed", profile=each.profile, at=now, received=now, properties=agreed)
        for each in people
    )
    lab.start("advance", *["deliver"] * lab.settings.deliver_workers)
    wait_until(lambda: _idle(lab), 120, "consents")
    begun, spent = time.perf_counter(), lab.cpu()
    lab.accept(people)
    accepted = time.perf_counter() - begun
    wait_until(lambda: sink.count > 0, 60, "the first message")
    wait_until(lambda: not _urgent(lab), 600, "verifications", every=0.1)
    verified, by_then = time.perf_counter() - begun, sink.count
    wait_until(lambda: sink.count >= 2 * count, 600, "welcomes", every=0.1)
    took, spent = time.perf_counter() - begun, lab.cpu() - spent
    pace, most = count / RATE, _most(sink, 2 * count)
    by_provider = "the provider's own pace"
    return [
        Measure("sign-ups taken in", count / accepted, "/s"),
        Measure("all verified", verified, "s", more=False, target=pace * 1.15 + 1, beside={by_provider: pace}),
        Measure("  others before", max(by_then - count, 0) / count * 100, "%", more=False, target=5),
        Measure("all welcomed", took, "s", more=False, target=2 * pace * 1.15 + 1, beside={by_provider: 2 * pace}),
        Measure("  processor time for each message", spent / count / 2 * 1e6, "us", more=False),
        Measure("most in any second", most, "/s", more=False, target=RATE * 1.25 + 40),
    ]


def _idle(lab: Lab) -> bool:
    now = lab.store.clock().engine
    return not any(look.advance_due(now) for look in lab.store.shards.look(()))


def _urgent(lab: Lab) -> bool:
    """Whether a verification is still to leave: not decided yet, in an outbox, or on its way."""
    looks = lab.store.shards.look(["push"])
    first = keys.KLASSES[0]
    return any(look.entries or ("push", first) in look.outs for look in looks)


def _most(sink: Sink, count: int) -> float:
    times = sorted(sink.at(number) for number in range(count))
    first, most = 0, 0
    for place, at in enumerate(times):
        while times[first] <= at - 1:
            first += 1
        most = max(most, place - first + 1)
    return most
