"""Orders decided: a profile gives itself up, takes another over, or is erased. Nothing is written here.

A merge is two commits. The first freezes a profile and, as soon as none of its messages is in a provider's
hands, sends everything of it to its new home; what stays is a redirect. The second takes it over there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from engine.journey.blocks import blocks_of
from engine.journey.identity import Link
from engine.journey.merge import absorb, differing
from engine.journey.messages import requeue
from engine.journey.walk import Walk
from engine.model.flow import Flow
from engine.model.ids import token
from engine.model.profile import Profile
from engine.model.record import Reason, Record
from engine.runtime.blob import Arrival, read_profile
from engine.runtime.commit import Commit
from engine.runtime.erasure import Erasure, erase_of, gravestone
from engine.runtime.identities import stones
from engine.runtime.orders import Bring, Erase, Give, HandOver, Letter, Order, Relink, order_of, ready_to_go

if TYPE_CHECKING:
    from engine.runtime.decide import Moment


def forward(arrival: Arrival, shard: int, home: str, entry: str) -> Letter:
    """An event that came to a profile which was merged, on its way to where the customer is now."""
    came = arrival.came or int(entry.partition("-")[0])
    sent = replace(arrival, profile=home, via=(*arrival.via, shard), came=came)
    return Letter(id=arrival.event.id, arrival=sent, blocks=blocks_of(arrival.event))


def obey(moment: Moment, profile: Profile | None, order: Order, commit: Commit, entry: str) -> Profile | None:
    """Carry out an order about `profile` (None: nothing is known); what becomes of it goes into `commit`.

    `entry` is where the order stood in the inbox.
    """
    if isinstance(order, Bring):
        commit.relay.append(forward(order.arrival, commit.shard, order.arrival.profile, entry))
        return profile
    if isinstance(order, Erase):
        return _erase(moment, profile, order, commit)
    if isinstance(order, HandOver):
        return _take(moment, profile, order, commit)
    return _give(moment, profile, order, commit)


def _give(moment: Moment, profile: Profile | None, order: Give, commit: Commit) -> Profile | None:
    if profile is None:  # its first event is still to come: it will find the redirect
        profile = Profile(id=order.profile, label=":".join(order.links[0]) if order.links else "")
        for name, value in order.links:
            profile.identifiers.setdefault(name, []).append(value)
    if order.into == profile.id or order.into == profile.into:
        return profile
    if profile.into:  # merged already: then its new home is that customer
        commit.relay.append(_order(order_of(profile.into, order), commit))
        return profile
    name = "" if order.forced else differing(order.strong, profile)
    if name:
        _flag(moment, profile, commit, f"{name} tells {order.into} from {profile.id}: they are not merged")
        return profile
    profile.into, profile.forced, profile.given = order.into, order.forced, order.at
    return commit.hand_over(profile) if ready_to_go(profile) else profile


def _order(order: Order, commit: Commit) -> Letter:
    """An order on its way to another inbox, under an id that no other order has."""
    return Letter(id=token("order", commit.entries[0], str(commit.shard), str(len(commit.relay))), order=order)


def _take(moment: Moment, profile: Profile | None, order: HandOver, commit: Commit) -> Profile | None:
    other = read_profile(order.blob)
    if order.origin == order.profile:
        return _live_on(moment, profile, other, commit)
    if profile is not None and profile.moved:
        commit.relay.append(_order(order_of(profile.into, order), commit))
        return profile
    if profile is None:
        profile = Profile(id=order.profile, label=other.label)
    name = "" if other.forced else differing(_strong(moment, other), profile)
    if name:  # another merge was faster, and with that one it does not agree
        _flag(moment, profile, commit, f"{name} tells {other.id} from {profile.id}: they are not merged")
        commit.relay.append(_order(order_of(order.origin, order), commit))
        return profile
    moment.source.provide(moment.running, other)
    commit.seen = [*commit.seen, *(past.id for many in other.history.values() for past in many)]
    commit.hold = [*commit.hold, *order.blocks.items()]
    commit.relay.append(_relink(moment, profile, other))
    other.into, other.forced, other.given = "", False, 0
    walk = absorb(moment.running.plan, profile, other, moment.now, moment.flags)
    _tell(walk, commit)
    return walk.profile


def overtaken(arrival: Arrival | None, order: Order | None, erased: int) -> bool:
    """Whether what comes from another shard set out before its customer's erasure was asked at `erased` (server ms)."""
    if arrival is not None:
        return arrival.came <= erased
    return isinstance(order, HandOver) and read_profile(order.blob).given <= erased


def erase_late(moment: Moment, arrival: Arrival | None, order: Order | None, erased: int, commit: Commit) -> None:
    """Nothing of it has an effect; a profile that was to be merged is erased, wherever there is something of it."""
    commit.nameless = True
    if arrival is not None:
        commit.late = [arrival.event.id]
        commit.inputs = [("erase", "", erased, stones(commit.late))]
    if isinstance(order, HandOver):
        other = read_profile(order.blob)
        last = erase_of(other, erased)
        _erase_absorbed(last, commit)
        commit.relay.append(_order(last, commit))
        _end_runs(moment, other, commit)


def _live_on(moment: Moment, profile: Profile | None, other: Profile, commit: Commit) -> Profile | None:
    """Nobody could take a profile over: it lives on where it was."""
    if profile is None or not profile.moved:
        return profile
    other.into, other.moved, other.forced, other.given, other.version = "", False, False, 0, profile.version
    other.stood = profile.stood
    commit.moved = ""
    walk = Walk(moment.running.plan, other, moment.now, moment.flags)
    for message in other.messages.values():
        if message.status == "planned":
            requeue(walk, message, message.queue, moment.now)
    _tell(walk, commit)
    return other


def _strong(moment: Moment, profile: Profile) -> dict[str, Sequence[str]]:
    return {name: profile.identifiers.get(name, ()) for name in moment.running.plan.vocabulary.strong}


def _relink(moment: Moment, keeper: Profile, other: Profile) -> Relink:
    links: list[Link] = [(name, value) for name, values in other.identifiers.items() for value in values]
    strong = {name: values[0] for name, values in _strong(moment, other).items() if values}
    return Relink(to=keeper.id, before=[other.id, *other.absorbed], links=links, strong=strong)


def _erase(moment: Moment, profile: Profile | None, order: Erase, commit: Commit) -> Profile | None:
    """Nothing stays, of what was merged into it neither."""
    if profile is not None and profile.moved and not order.remains:
        commit.relay.append(_order(order_of(profile.into, order), commit))
        return profile
    if profile is not None and profile.into and not order.remains:  # on its way to somebody: that is the same customer
        commit.relay.append(_order(order_of(profile.into, order), commit))
    commit.rows, commit.records, commit.story = [], [], []
    commit.expect = profile.version if profile is not None else 0
    commit.erase = Erasure.of(profile, order)
    commit.inputs = [("erase", gravestone(order.profile), order.at, stones(commit.erase.events))]
    commit.counts = [(name, -many) for name, many in ((profile.stood or {}) if profile is not None else {}).items()]
    if profile is not None:
        _erase_absorbed(erase_of(profile, order.at), commit)
        _end_runs(moment, profile, commit)
    return None


def _erase_absorbed(order: Erase, commit: Commit) -> None:
    """The same for what was merged into it: of that only redirects are left, and what they had gathered."""
    for other in order.absorbed:
        again = Erase(profile=other, remains=True, events=order.events, links=order.links, at=order.at)
        commit.relay.append(_order(again, commit))


def _end_runs(moment: Moment, profile: Profile, commit: Commit) -> None:
    """How its runs ended is counted, without a name."""
    ended = [
        Record(at=moment.now, profile="", kind="ended", journey=run.journey, step=run.step, reason="erased")
        for run in profile.enrolments.values()
    ]
    commit.records = [*commit.records, *ended]
    for run in profile.enrolments.values():
        commit.count({str(Flow(run.journey, run.version, "ended", run.step, "erased", run.held_out)): 1})


def _flag(moment: Moment, profile: Profile, commit: Commit, observed: str) -> None:
    walk = Walk(moment.running.plan, profile, moment.now, moment.flags)
    walk.record("flagged", reason=Reason("identity_conflict", observed))
    _tell(walk, commit)


def _tell(walk: Walk, commit: Commit) -> None:
    commit.rows = [*commit.rows, *walk.rows]
    commit.records = [*commit.records, *walk.records]
    commit.count(walk.flows)
    commit.story = [*commit.story, *walk.story]
