"""Messages whose worker is gone: rows of `sending` past their lease, never simply taken up again."""

from __future__ import annotations

from engine.journey.recover import recover as decide
from engine.model.profile import Profile
from engine.model.record import Row
from engine.runtime.attempt import read_copy
from engine.runtime.bells import Bells
from engine.runtime.commit import Claim, Commit
from engine.runtime.faults import NOT_ITS_FAULT, SENDING, noted
from engine.runtime.leaving import MOST_TRIES, Leaving
from engine.runtime.plans import PlanSource, Running
from engine.runtime.senders import Senders
from engine.runtime.store import Store


def recover(store: Store, plans: PlanSource, senders: Senders, bells: Bells, shard: int) -> int:
    """Deal with every lost row of a shard; how many. One claim at a time, so that its lease is long enough."""
    count = 0
    while claims := store.shards.expired(shard, 1):
        count += 1
        leaving = Leaving(store, plans, lambda running, claim=claims[0]: senders.of(claim.channel, running.plan))  # type: ignore[misc]
        repeatable = senders.of(claims[0].channel, leaving.running().plan).idempotent
        try:
            _one(leaving, claims[0], shard, repeatable)
            leaving.finish()
        except NOT_ITS_FAULT:
            raise
        except Exception as fault:
            noted(store, leaving.running(), claims[0], fault, leaving.pulse().time.now(), to=SENDING)
        bells.deliver(leaving.rows)
    return count


def _one(leaving: Leaving, claim: Claim, shard: int, repeatable: bool) -> None:
    store = leaving.store
    for _ in range(MOST_TRIES):
        profile = leaving.open(store.shards.profiles([claim.profile]).get(claim.profile))
        message = profile.messages.get(claim.message) if profile is not None else None
        if profile is None or message is None or message.status == "held":
            store.shards.drop([claim])
            return
        if message.status == "planned":
            commit = _back(leaving, profile, claim)
        else:
            pulse, running = leaving.pulse(), _as_kept(leaving, claim, shard)
            walk = decide(
                running.plan,
                profile,
                claim.message,
                pulse.time.now(),
                running.render,
                repeatable=repeatable,
                flags=pulse.flags,
            )
            if walk.outgoing is not None:  # the same attempt again; its begin was written long ago
                leaving.hand_over(walk.profile, walk.outgoing, claim)
                return
            if pulse.flags.pauses(message.journey):
                return  # its row has a new lease, after which it is looked at again
            commit = leaving.commit(walk, claim, ("recover", claim.message))
            commit.drop, commit.message = [claim], {"outcome": "unknown"}
        if store.shards.commit([commit]) == ["ok"]:
            leaving.note(commit)
            return


def _back(leaving: Leaving, profile: Profile, claim: Claim) -> Commit:
    """It was claimed and had not begun to leave: back into the outbox."""
    pulse = leaving.pulse()
    commit = Commit(profile=claim.profile, at=pulse.time.now(), plan=pulse.plan, drop=[claim])
    commit.rows = [Row(claim.channel, claim.klass, claim.message, commit.at)]
    commit.write(profile)
    return commit


def _as_kept(leaving: Leaving, claim: Claim, shard: int) -> Running:
    """The plan, rendering what was rendered then: one attempt never stands for two different messages."""
    running = leaving.running()
    kept = read_copy(leaving.store.shards.message(claim.message, shard))
    return Running(running.plan, lambda *_: kept) if kept is not None else running
