"""Timers: a million customers who wait, and how late those are whose time comes."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import quantiles

import msgspec

from benchmarks import bare
from benchmarks.lab import Lab, wait_until
from benchmarks.measure import Measure
from benchmarks.rival import Rival
from benchmarks.shop import customers, sources
from engine.channels.providers.outbox import OutboxSender
from engine.model.ids import profile_id, shard_of
from engine.model.profile import Profile
from engine.runtime import keys
from engine.runtime.bells import Noted
from engine.runtime.blob import pack, read_profile
from engine.runtime.engine import Engine
from engine.runtime.plans import PublishedPlans
from engine.runtime.pump import drain
from engine.runtime.senders import FixedSenders

DUE, SPREAD = 2_000, 10.0


def timers(scale: float) -> list[Measure]:
    """Lateness with many timers pending: 2,000 fall due within ten seconds among `1,000,000 x scale`."""
    pending = int(1_000_000 * scale)
    with Lab(sources(wait="400d")) as lab:
        template = waiting(lab)
        before = lab.memory()
        far = lab.store.clock().engine + 400 * 86_400_000
        fill(lab, template, (far + number for number in range(pending)), "p")
        held, logged = (lab.memory() - before) / pending, _logged(lab)
        lab.start("advance")
        fill(lab, template, [0], "w")
        wait_until(lambda: _logged(lab) > logged, 120, "warming up", 0.1)  # a worker that is not there yet is not late
        logged += 1
        start = lab.store.clock().engine + 5_000
        dues = [start + int(SPREAD * 1_000 * number / DUE) for number in range(DUE)]
        fill(lab, template, dues, "d")
        spent = lab.cpu()
        wait_until(lambda: _logged(lab) - logged >= DUE, 120, "timers", 0.5)
        late, spent = _lateness(lab, dues), lab.cpu() - spent
        loop, loop_bytes = bare.timers(str(lab.settings.redis_url), pending, [due - start + 1_000 for due in dues])
    with Rival() as rival:
        others, other_bytes = rival.timers(int(10_000 * scale) or 500, SPREAD)
    return [
        Measure(
            f"timer lateness with {pending:,} pending, p99",
            quantiles(late, n=100)[98],
            "s",
            more=False,
            target=1.0,
            beside={
                "bare loop, twice a second": quantiles(loop, n=100)[98],
                f"apply_async(eta), {len(others):,} pending": quantiles(others, n=100)[98],
            },
        ),
        Measure("  p50", quantiles(late, n=100)[49], "s", more=False),
        Measure("  processor time for each that falls due", spent / DUE * 1e6, "us", more=False),
        Measure(
            "  Redis for each customer who waits",
            held,
            "bytes",
            more=False,
            beside={"bare loop, the wait alone": loop_bytes, "apply_async(eta), the wait alone": other_bytes},
            note="a whole customer: traits, enrolment, history, timer",
        ),
    ]


def waiting(lab: Lab) -> Profile:
    """A real customer who stands at the wait, made by the engine itself."""
    senders = FixedSenders(**{"*": OutboxSender(lab.folder / "outbox", "")})
    quiet = Engine(lab.store, PublishedPlans(lab.store), senders, Noted())
    quiet.accept(list(customers(1, lab.store.clock().engine)))
    drain(quiet)
    return read_profile(lab.store.shards.profiles([profile_id("customer_id", "c0")]).popitem()[1])


def fill(lab: Lab, template: Profile, dues: Iterable[int], prefix: str) -> None:
    """Write copies of a customer as a commit would: the blob, and the place in the shard's timers."""
    raw = msgspec.msgpack.decode(pack(template), type=Profile)
    (run,) = raw.enrolments.values()
    pipe, waiting = lab.store.pipeline(), 0
    for number, due in enumerate(dues):
        raw.id = f"{prefix}{number:023d}"
        run.due = due
        shard = shard_of(raw.id)
        pipe.hset(keys.profile(shard, raw.id), mapping={"v": raw.version, "b": pack(raw)})
        pipe.zadd(keys.timers(shard), {raw.id: due})
        waiting += 1
        if waiting == 2_000:
            pipe.execute()
            waiting = 0
    pipe.execute()


def _logged(lab: Lab) -> int:
    return sum(lab.store.redis.xlen(keys.log(shard)) for shard in keys.EVERY_SHARD)


def _lateness(lab: Lab, dues: list[int]) -> list[float]:
    """Seconds between the instant a wait ended and the commit of the decision that followed."""
    late = []
    for shard in keys.EVERY_SHARD:
        for entry, fields in lab.store.shards.read_log(shard, count=100_000):
            if fields["p"].startswith(b"d"):
                late.append((int(entry.partition("-")[0]) - dues[int(fields["p"][1:])]) / 1e3)
    return late
