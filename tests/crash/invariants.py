"""What must hold when the fire is out, whatever it was. Each finding is a sentence; none is what everybody wants."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from engine.channels import OUTBOXES
from engine.model.ids import profile_id, shard_of_message
from engine.model.profile import Profile
from engine.model.record import Record
from engine.runtime import keys
from engine.runtime.attempt import read_copy
from engine.runtime.blob import read_profile, read_records
from engine.runtime.counts import counts, inside
from engine.runtime.flows import flows, stayed
from engine.runtime.messages import doubtful
from engine.runtime.store import Store
from engine.runtime.vouchers import SETTLE_AFTER
from tests.crash.sink import Mail
from tests.crash.workspace import CODES, POOL, customer_of, kind_of

SHOWN = 5  # examples in a finding


@dataclass
class Told:
    """What the engine says about itself: its profiles, its records, the orders whose messages it lists."""

    profiles: dict[str, Profile]
    records: list[Record]
    unknown: set[str] = field(default_factory=set)  # orders
    doubtful: set[str] = field(default_factory=set)

    @classmethod
    def by(cls, store: Store) -> Told:
        names = [keys.profile_of(name.decode())[1] for name in store.redis.scan_iter(match=keys.profile_pattern())]
        profiles = {each: read_profile(blob) for each, blob in store.shards.profiles(names).items()}
        records = [
            record
            for shard in keys.EVERY_SHARD
            for _, fields in store.shards.read_log(shard, count=100_000)
            for record in read_records(fields["r"])
        ]
        told = cls(profiles, records)
        told.unknown = {_order(store, r.id) for r in records if r.channel == "email" and r.kind == "unknown"}
        told.doubtful = {_order(store, kept.id) for kept in doubtful(store, 100_000) if kept.channel == "email"}
        return told


@dataclass(frozen=True)
class Summary:
    """The figures of one round: messages, all by e-mail."""

    events: int
    once: int
    unknown: int  # listed, and not at the sink
    doubled_marketing: int
    doubled_receipts: int
    stuck: int

    def __str__(self) -> str:
        return (
            f"{self.events} events: {self.once} sent once + {self.unknown} listed unknown, "
            f"{self.doubled_marketing} marketing doubled, {self.doubled_receipts} receipts doubled, {self.stuck} stuck"
        )


def busy(store: Store) -> list[str]:
    """What is still to be done, by shard; nothing when all has come to rest."""
    now = store.clock().engine
    found = []
    for look in store.shards.look(OUTBOXES):
        if not look.idle(now) or look.next_due() is not None or look.parcels:
            found.append(f"shard {look.shard}: {look}")
    return found


def broken(
    store: Store,
    mails: Sequence[Mail],
    accepted: Collection[int],
    refused: Collection[str] = (),
    *,
    settled: bool = True,
) -> list[str]:
    """Every promise that was not kept. `accepted` are the orders that the engine said it has; `refused` those
    that the mail server refused for good. Codes are counted once all is `settled`."""
    told = Told.by(store)
    at_sink = Counter(mail.order for mail in mails)
    return [
        *_events(told, store, accepted),
        *_messages(told, at_sink, accepted, refused),
        *_at_rest(told, store),
        *_counted(store),
        *_books(told, accepted),
        *(_vouchers(told, store, mails) if settled else ()),
    ]


def summary(store: Store, mails: Sequence[Mail], accepted: Collection[int]) -> Summary:
    """The figures, whether they are good or not."""
    told, at_sink = Told.by(store), Counter(mail.order for mail in mails)
    doubled = [order for order, times in at_sink.items() if times > 1]
    return Summary(
        events=len(accepted),
        once=sum(1 for times in at_sink.values() if times == 1),
        unknown=len(told.unknown - set(at_sink)),
        doubled_marketing=sum(1 for order in doubled if _kind(order) == "thanks"),
        doubled_receipts=sum(1 for order in doubled if _kind(order) == "receipt"),
        stuck=sum(1 for each in told.profiles.values() if each.enrolments or each.messages),
    )


def _events(told: Told, store: Store, accepted: Collection[int]) -> Iterator[str]:
    """Every accepted event was processed once, and a lower version never undid a higher one."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for number in accepted:
        wanted[customer_of(number)].append(number)
    for who, numbers in wanted.items():
        profile = told.profiles.get(profile_id("customer_id", who))
        seen = profile.attributes.get("orders", 0) if profile is not None else 0
        if seen != len(numbers):
            yield f"{who}: {len(numbers)} orders were accepted and {seen} processed"
        elif profile is not None and profile.attributes["latest"] != max(numbers):
            yield f"{who}: the latest order is {max(numbers)}, not {profile.attributes['latest']}"
    letters = [fields["reason"].decode() for shard in keys.EVERY_SHARD for _, fields in store.shards.read_dead(shard)]
    if letters:
        yield f"{len(letters)} entries are in the dead letters: {letters[:SHOWN]}"


def _counted(store: Store) -> Iterator[str]:
    """Who came into journeys and who went leaves those who are inside."""
    here, there = inside(counts(store)), stayed(flows(store))
    if here != there:
        yield f"inside are {dict(here)}, and {dict(there)} by those who came and went"


def _messages(told: Told, at_sink: Counter[str], accepted: Collection[int], refused: Collection[str]) -> Iterator[str]:
    """Marketing once, or listed; what is transactional at least once, and listed where it may have come twice."""
    for number in sorted(accepted):
        order, times = f"o{number}", at_sink[f"o{number}"]
        if order in refused:
            continue
        if kind_of(number) == "thanks":
            if times > 1:
                yield f"marketing for {order} came {times} times"
            elif times == 0 and order not in told.unknown & told.doubtful:
                yield f"marketing for {order} never came and is not listed"
        elif times == 0:
            yield f"the receipt for {order} never came" + (" (unknown)" if order in told.unknown else "")
        elif times > 1 and order not in told.doubtful:
            yield f"the receipt for {order} came {times} times, and is not listed"
    strangers = set(at_sink) - {f"o{number}" for number in accepted}
    if strangers:
        yield f"messages for orders that nobody accepted: {sorted(strangers)[:SHOWN]}"


def _at_rest(told: Told, store: Store) -> Iterator[str]:
    """Nobody is stuck, and nothing lies about."""
    for profile in told.profiles.values():
        if profile.enrolments or profile.messages:
            runs = [(run.journey, run.key, run.step) for run in profile.enrolments.values()]
            yield f"{profile.label} is stuck: {runs}, {[(m.name, m.status) for m in profile.messages.values()]}"
    yield from busy(store)
    for shard in keys.EVERY_SHARD:
        if (left := store.shards.deliveries(shard)) is not None:
            yield f"shard {shard}: entry {left[0]} was read {left[1]} times and is not finished"


def _books(told: Told, accepted: Collection[int]) -> Iterator[str]:
    """Ledgers and counts agree: one start, one end and one outcome for each order, one place in the caps for each
    message that left or may have."""
    kinds = Counter(record.kind for record in told.records)
    for kind in ("started", "ended"):
        if kinds[kind] != len(accepted):
            yield f"{len(accepted)} orders, {kinds[kind]} records '{kind}'"
    ends = Counter(record.id for record in told.records if record.kind in ("sent", "unknown", "refused", "expired"))
    twice = [message for message, times in ends.items() if times > 1]
    if twice:
        yield f"{len(twice)} messages came to more than one end: {twice[:SHOWN]}"
    left: dict[str, set[str]] = defaultdict(set)
    for record in told.records:
        if record.kind in ("sent", "unknown"):
            left[_home(told, record.profile)].add(record.id)
    for profile in told.profiles.values():
        counted = [entry.id.partition("-")[0] for entry in profile.ledger]
        if len(counted) != len(set(counted)):
            yield f"{profile.label}: a message has two places in the caps"
        elif len(counted) != len(left[profile.id]):
            yield f"{profile.label}: {len(left[profile.id])} messages left, {len(counted)} count in the caps"


def _vouchers(told: Told, store: Store, mails: Sequence[Mail]) -> Iterator[str]:
    """Each code was given once, the same in each copy of a mail; none is gone but with what may have arrived."""
    store.vouchers.settle(POOL, store.clock().server + SETTLE_AFTER + 1, CODES)
    free = {code.decode() for code in store.redis.lrange(keys.voucher(POOL, "free"), 0, -1)}
    whose: dict[str, set[str]] = defaultdict(set)
    for mail in mails:
        if len(mail.codes) != 1:
            yield f"{mail.order} has the codes {sorted(mail.codes)}"
        for code in mail.codes:
            whose[code].add(mail.order)
    given = Counter(order for orders in whose.values() for order in orders)
    for what, found in (
        ("codes were given to two orders", [code for code, orders in whose.items() if len(orders) > 1]),
        ("orders got two codes", [order for order, times in given.items() if times > 1]),
        ("codes are free again that somebody has", sorted(free & set(whose))),
        ("codes wait for messages that have ended", store.redis.hkeys(keys.voucher(POOL, "given"))),
    ):
        if found:
            yield f"{len(found)} {what}: {found[:SHOWN]}"
    lost, listed = CODES - len(free) - len(whose), len(told.unknown - set(given))
    if lost != listed:
        yield f"{lost} codes are neither free nor with a customer; {listed} messages are listed that may have arrived"


def uncalled(heard: Counter[str], accepted: Collection[int]) -> list[str]:
    """A service was asked for each receipt, however often under its one key."""
    wanted = sum(kind_of(number) == "receipt" for number in accepted)
    return [f"{wanted} calls were to be made, the service heard {len(heard)}"] if len(heard) != wanted else []


def _home(told: Told, profile: str) -> str:
    """Where a customer is now that has been merged, perhaps."""
    known = told.profiles.get(profile)
    return known.into if known is not None and known.moved else profile


def _order(store: Store, message: str) -> str:
    kept = read_copy(store.shards.message(message, shard_of_message(message)))
    return kept.parts["subject"] if kept is not None else message


def _kind(order: str) -> str:
    return kind_of(int(order.removeprefix("o")))
