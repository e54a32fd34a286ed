"""Events: those that only move state, those that end in a message, and how long one takes when nothing else is on."""

from __future__ import annotations

import time
from base64 import b64encode
from statistics import quantiles

from pydantic import SecretStr

from benchmarks import bare
from benchmarks.lab import Lab, of_process, wait_until
from benchmarks.measure import Measure
from benchmarks.rival import Rival
from benchmarks.shop import baskets, consents, customers, orders, shipped, sources
from benchmarks.sinks import Sink

SECRET = SecretStr(f"whsec_{b64encode(bytes(32)).decode()}")
LINE = b"<p>Your account is ready.</p>\r\n"


def _letter(size: int) -> bytes:
    """A finished letter of about this size, for the bare loop."""
    return b"Subject: Welcome\r\n\r\n" + LINE * (size // len(LINE))


def _known(lab: Lab, channel: str, count: int) -> None:
    """So many customers, who agree to marketing by `channel`; returns when that is known of all."""
    now = lab.store.clock().engine
    lab.accept(customers(count, now))
    lab.accept(consents(channel, count, now))
    wait_until(lambda: _idle(lab), 300, "customers", 0.05)


def _idle(lab: Lab) -> bool:
    return all(look.entries == 0 and not look.leased for look in lab.store.shards.look([]))


def state(scale: float) -> list[Measure]:
    """Event that only moves state: accepted, decided, committed; nobody is told."""
    count, people = int(40_000 * scale), 2_000
    with Lab(sources()) as lab:
        now = lab.store.clock().engine
        lab.start("advance")
        lab.accept(orders(people, people, now))
        wait_until(lambda: _idle(lab), 60, "warming up", 0.05)
        begun, spent = time.perf_counter(), lab.cpu()
        lab.accept(orders(count, people, now, people))
        wait_until(lambda: _idle(lab), 300, "state", 0.05)
        took, cpu = time.perf_counter() - begun, lab.cpu() - spent
        loop = bare.state(str(lab.settings.redis_url), count)
    with Rival() as rival:
        rate, each = rival.events("only_state", int(4_000 * scale))
    return [
        Measure(
            "event that only moves state",
            count / took,
            "/s",
            target=8_000,
            beside={"bare loop, one process": loop.rate, "one Celery task per event": rate},
        ),
        Measure(
            "  processor time for each",
            cpu / count * 1e6,
            "us",
            more=False,
            beside={"bare loop": loop.cpu * 1e6, "one Celery task per event": each * 1e6},
        ),
    ]


def mail(scale: float) -> list[Measure]:
    """Event to e-mail at a light SMTP server; Redis and the server on the same cores."""
    return _message("email", int(5_000 * scale), 1_000, 1_500)


def push(scale: float) -> list[Measure]:
    """Event to push at a local provider."""
    return _message("push", int(10_000 * scale), 2_500, None)


def _message(channel: str, count: int, target: float, most_us: float | None) -> list[Measure]:
    kind = "smtp" if channel == "email" else "http"
    with Sink(kind) as sink:
        where = f"127.0.0.1:{sink.port}"
        settings: dict[str, object] = {"smtp_url": SecretStr(f"smtp://{where}")}
        if channel == "push":
            settings = {"push_url": f"http://{where}/push", "webhook_secret": SECRET}
        with Lab(shipped(channel), **settings) as lab:
            lab.start("advance", *["deliver"] * lab.settings.deliver_workers)
            _known(lab, channel, 100 + count)
            now = lab.store.clock().engine
            lab.accept(baskets(100, now))
            wait_until(lambda: sink.count >= 100, 60, "warming up")
            begun, spent, theirs = time.perf_counter(), lab.cpu(), (lab.redis_cpu(), of_process(sink.pid))
            lab.accept(baskets(count, now, 100))
            wait_until(lambda: sink.count >= 100 + count, 600, channel)
            took, cpu = time.perf_counter() - begun, lab.cpu() - spent
            of_redis, of_sink = lab.redis_cpu() - theirs[0], of_process(sink.pid) - theirs[1]
            url, size = str(lab.settings.redis_url), sink.size
            what = _letter(size) if channel == "email" else b"{" + b" " * (size - 2) + b"}"
            send = bare.mail if channel == "email" else bare.push
            loop = send(url, sink, what, count)
            many = lab.settings.advance_workers + lab.settings.deliver_workers
            loops = send(url, sink, what, count, many)
        with Rival(**{kind: sink}) as rival:
            rate, each = rival.events("by_mail" if channel == "email" else "by_push", count // 5, sink)
    return [
        Measure(
            f"event -> {channel} ({size:,} bytes)",
            count / took,
            "/s",
            target=target,
            beside={
                "bare loop, one process": loop.rate,
                f"bare loop, {many} processes": loops.rate,
                "one Celery task per event": rate,
            },
        ),
        Measure(
            "  processor time for each",
            cpu / count * 1e6,
            "us",
            more=False,
            target=most_us,
            beside={
                "bare loop": loop.cpu * 1e6,
                f"bare loop, {many} processes": loops.cpu * 1e6,
                "one Celery task per event": each * 1e6,
            },
            note=f"and Redis {of_redis / count * 1e6:,.0f} us, the provider {of_sink / count * 1e6:,.0f} us",
        ),
    ]


def latency(scale: float) -> list[Measure]:
    """From an event's acceptance to the provider, one at a time, nothing else going on."""
    count = max(20, int(100 * scale))
    with Sink("smtp") as sink, Lab(shipped("email"), smtp_url=SecretStr(f"smtp://127.0.0.1:{sink.port}")) as lab:
        lab.start("advance", "deliver")
        _known(lab, "email", count + 10)
        now, took = lab.store.clock().engine, []
        for number in range(count + 10):
            before = time.time()
            lab.accept(baskets(1, now, number))
            wait_until(lambda n=number: sink.count > n, 30, "latency")  # type: ignore[misc]
            if number >= 10:
                took.append((sink.at(number) - before) * 1e3)
            time.sleep(0.05 + number % 7 / 100)
        loop = quantiles(bare.latency(str(lab.settings.redis_url), sink, _letter(sink.size), count), n=20)
        with Rival(smtp=sink) as rival:
            home = quantiles(rival.latency(count, sink), n=20)
    cuts = quantiles(took, n=20)

    def measure(name: str, place: int, target: float | None) -> Measure:
        beside = {"bare loop, one process": loop[place], "one Celery task per event": home[place]}
        return Measure(name, cuts[place], "ms", more=False, target=target, beside=beside)

    return [measure("idle latency event -> provider, p95", 18, 50), measure("  p50", 9, None)]
