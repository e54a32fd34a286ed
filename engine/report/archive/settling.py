"""After a rebuild: what was due between the last archived entry and the loss may or may not have happened.

Time is let pass up to the loss, and what must not arrive twice is then `unknown` instead of leaving (again). All of it
is committed as usual, so that the log and the archive tell it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.channels import OUTBOXES
from engine.journey.recover import lose
from engine.report.archive.sources import ArchivedPlans
from engine.runtime import keys
from engine.runtime.attempt import commit_of
from engine.runtime.blob import read_profile
from engine.runtime.commit import Claim
from engine.runtime.decide import Moment, Work, decide

if TYPE_CHECKING:
    from engine.runtime.store import Store

MOST_ROUNDS = 20  # of timers that lead to timers
PAGE = 500


def settle_what_was_due(store: Store, plans: ArchivedPlans, current: str, until: int) -> list[str]:
    """Let time pass up to `until` (engine ms); the messages that are `unknown` now."""
    flags = store.pulse().flags
    moment = Moment(plans.at(current), plans, flags, until)
    for _ in range(MOST_ROUNDS):
        if not sum(_wake(store, moment, shard) for shard in keys.EVERY_SHARD):
            break
    return [message for shard in keys.EVERY_SHARD for message in _lose(store, moment, shard)]


def _wake(store: Store, moment: Moment, shard: int) -> int:
    due = [each.decode() for each in store.redis.zrangebyscore(keys.timers(shard), "-inf", moment.now)]
    for first in range(0, len(due), PAGE):
        blobs = store.shards.profiles(due[first : first + PAGE])
        commits = []
        for profile, blob in blobs.items():
            for commit in decide(moment, profile, blob, [Work("", None)]):
                commit.entries = ()
                commits.append(commit)
        store.shards.commit(commits)
    return len(due)


def _lose(store: Store, moment: Moment, shard: int) -> list[str]:
    found: list[str] = []
    for channel in OUTBOXES:
        for klass in keys.KLASSES:
            rows = store.redis.zrangebyscore(keys.out(shard, channel, klass), "-inf", moment.now)
            for row in rows:
                profile, _, message = row.decode().partition("|")
                if _lost(store, moment, Claim(channel, klass, profile, message)):
                    store.redis.zrem(keys.out(shard, channel, klass), row)
                    found.append(message)
    return found


def _lost(store: Store, moment: Moment, claim: Claim) -> bool:
    blob = store.shards.profiles([claim.profile]).get(claim.profile)
    if blob is None:
        return False
    profile = read_profile(blob)
    moment.source.provide(moment.running, profile)
    walk = lose(moment.running.plan, profile, claim.message, moment.now, moment.flags)
    if not walk.records:
        return False
    commit = commit_of(walk, claim, ("lost", claim.message))
    commit.doubt, commit.message = True, {"outcome": "unknown", "profile": claim.profile}
    return store.shards.commit([commit]) == ["ok"]
