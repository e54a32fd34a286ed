"""The work in the shards: does it move, and what has been left lying?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.channels import OUTBOXES
from engine.model.words import Words
from engine.runtime.doctor.finding import Finding, Patient, bad, ok, span, warn
from engine.runtime.leftovers import count_dead, oldest_entries, oldest_parcels
from engine.runtime.shard_data import Look

LATE, VERY_LATE = 5_000, 60_000  # ms
MANY_DEAD = 100


def work(patient: Patient) -> Iterator[Finding]:
    """Inboxes, timers, outboxes and deliveries of all shards; dead letters."""
    store = patient.store
    time = store.clock()
    looks = store.shards.look(OUTBOXES)
    yield _inboxes(patient, looks, time.server)
    yield _relays(patient, looks, time.server)
    yield _timers(looks, time.engine)
    yield _outboxes(looks, time.engine)
    yield _deliveries(looks, time.server)
    yield from _dead(patient, time.server)


def _inboxes(patient: Patient, looks: Sequence[Look], now: int) -> Finding:
    count = sum(look.entries for look in looks)
    oldest = oldest_entries(patient.store, (look.shard for look in looks if look.entries))
    shard, arrived = min(oldest.items(), key=lambda each: each[1], default=(0, now))
    age = now - arrived
    leased = next((look.leased for look in looks if look.shard == shard), False)
    found = Words("{count:,} events wait", count=count) + (
        Words(", the oldest for {age} in shard {shard}", age=span(age), shard=shard) if count else ""
    )
    if age > VERY_LATE and leased:
        return bad(
            "inboxes",
            Words("{found}, which somebody holds", found=found),
            Words("Its worker may hang: restart the advancing workers."),
        )
    if age > VERY_LATE:
        return bad(
            "inboxes",
            found,
            Words("Nobody works on it: start advancing workers, and see whether the broker answers."),
        )
    if age > LATE:
        return warn("inboxes", found, Words("More comes in than is done: raise PARCOURS_ADVANCE_WORKERS."))
    return ok("inboxes", found)


def _relays(patient: Patient, looks: Sequence[Look], now: int) -> Finding:
    count = sum(look.parcels for look in looks)
    if not count:
        return ok("relays", Words("nothing waits to be brought to another shard"))
    oldest = oldest_parcels(patient.store, (look.shard for look in looks if look.parcels))
    shard, sent = min(oldest.items(), key=lambda each: each[1], default=(0, now))
    found = Words(
        "{count:,} parcels wait for another shard, the oldest for {now} in shard {shard}",
        count=count,
        now=span(now - sent),
        shard=shard,
    )
    if now - sent > VERY_LATE:
        return bad(
            "relays",
            found,
            Words("Merged customers stand still until then: start advancing workers, see their logs."),
        )
    if now - sent > LATE:
        return warn("relays", found, Words("More comes in than is done: raise PARCOURS_ADVANCE_WORKERS."))
    return ok("relays", found)


def _timers(looks: Sequence[Look], now: int) -> Finding:
    first = min((look.timer for look in looks if look.timer is not None), default=None)
    if first is None:
        return ok("timers", Words("nothing waits for a time"))
    late = now - first
    if late > VERY_LATE:
        return bad(
            "timers",
            Words("the oldest is {late} late", late=span(late)),
            Words("Nobody moves them: start advancing workers."),
        )
    if late > LATE:
        return warn(
            "timers",
            Words("the oldest is {late} late", late=span(late)),
            Words("Raise PARCOURS_ADVANCE_WORKERS."),
        )
    return ok(
        "timers",
        Words("none is late") if late < 1000 else Words("the oldest is {late:.1f} s late", late=late / 1000),
    )


def _outboxes(looks: Sequence[Look], now: int) -> Finding:
    late = [(now - first, *place) for look in looks for place, first in look.outs.items() if first <= now]
    if not late:
        return ok("outboxes", Words("nothing is due"))
    age, channel, klass = max(late)
    channels = ", ".join(sorted({place[1] for place in late}))
    found = Words(
        "messages are due by {channels}; the oldest, {klass} by {channel}, for {age}",
        channels=channels,
        klass=klass,
        channel=channel,
        age=span(age),
    )
    if age > VERY_LATE:
        do = Words("Start delivering workers; if they run, the provider is slow or the rate of the channel is low.")
        return (warn if klass == "bulk" else bad)("outboxes", found, do)
    return ok("outboxes", found)


def _deliveries(looks: Sequence[Look], now: int) -> Finding:
    count = sum(look.sending for look in looks)
    lost = [now - look.lease_end for look in looks if look.lease_end is not None and look.lease_end < now]
    if lost and max(lost) > VERY_LATE:
        do = Words("Their worker died; any delivering worker deals with them: start one.")
        return bad(
            "deliveries",
            Words("{count} under way, some abandoned for {lost}", count=count, lost=span(max(lost))),
            do,
        )
    return ok("deliveries", Words("{count} under way", count=count))


def _dead(patient: Patient, now: int) -> Iterator[Finding]:
    total, fresh = count_dead(patient.store, now - 3_600_000)
    if not total:
        yield ok("dead letters", Words("none"))
        return
    found = Words("{total:,}, of which {fresh:,} came in the last hour", total=total, fresh=fresh)
    do = Words("See `parcours dead list`; when the reason is gone, `parcours dead replay`.")
    yield (bad if fresh >= MANY_DEAD else warn)("dead letters", found, do)
