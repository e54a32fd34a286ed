"""Messages whose worker is gone: rows of `sending` past their lease, never simply taken up again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.journey.recover import DIED
from engine.journey.recover import recover as decide
from engine.model.message import SendOutcome
from engine.model.profile import Profile
from engine.model.record import Row
from engine.runtime import points
from engine.runtime.attempt import as_kept, commit_of, ended
from engine.runtime.bells import Bells
from engine.runtime.commit import Claim, Commit
from engine.runtime.faults import NOT_ITS_FAULT, SENDING, noted
from engine.runtime.leaving import MOST_TRIES, Leaving
from engine.runtime.overheard import Overheard
from engine.runtime.plans import PlanSource
from engine.runtime.providers import Provider, of_address
from engine.runtime.relay import bring
from engine.runtime.senders import Senders
from engine.runtime.store import Store

LOST = SendOutcome("unknown", DIED)


def recover(store: Store, plans: PlanSource, senders: Senders, bells: Bells, shard: int) -> int:
    """Deal with every lost row of a shard; how many. One claim at a time, so that its lease is long enough."""
    count = 0
    while claims := store.shards.expired(shard, 1):
        count += 1
        points.at("recovery.taken")
        leaving = Leaving(store, plans, senders, claims[0].channel)
        try:
            _one(leaving, claims[0], shard)
            leaving.finish()
        except NOT_ITS_FAULT:
            raise
        except Exception as fault:
            noted(store, leaving.running(), claims[0], fault, leaving.pulse().time.now(), to=SENDING)
        bells.deliver(leaving.rows)
        for each in leaving.shards:
            bring(store, bells, each)
    return count


def _one(leaving: Leaving, claim: Claim, shard: int) -> None:
    store = leaving.store
    kept = store.shards.message(claim.message, shard)
    first, known = _provider(leaving.providers(), kept)
    for _ in range(MOST_TRIES):
        profile = leaving.open(store.shards.profiles([claim.profile]).get(claim.profile))
        message = profile.messages.get(claim.message) if profile is not None else None
        if profile is None or message is None or message.status == "held":
            store.shards.drop([claim])
            return
        if message.status == "planned":
            commit = _back(leaving, profile, claim)
        else:
            pulse, running = leaving.pulse(), leaving.running()
            heard = Overheard(repeatable=known and first.sender.idempotent)
            walk = decide(
                running.plan,
                profile,
                claim.message,
                pulse.time.now(),
                heard.render(as_kept(kept, running.render)),
                repeatable=heard.repeatable,
                flags=pulse.flags,
            )
            if walk.outgoing is not None:  # the same attempt again; its begin was written long ago
                points.at("recovery.repeated")
                leaving.hand_over(walk.profile, walk.outgoing, claim, first, repeated=not first.sender.idempotent)
                return
            if pulse.flags.pauses(message.journey):
                return  # its row has a new lease, after which it is looked at again
            commit = commit_of(walk, claim, ("recover", claim.message, heard))
            commit.drop, commit.message, commit.doubt = [claim], ended(LOST), True
        points.at("recovery.decided")
        if store.shards.commit([commit]) == ["ok"]:
            points.at("recovery.committed")
            leaving.note(commit)
            return


def _back(leaving: Leaving, profile: Profile, claim: Claim) -> Commit:
    """It was claimed and had not begun to leave: back into the outbox."""
    pulse = leaving.pulse()
    commit = Commit(profile=claim.profile, at=pulse.time.now(), plan=pulse.plan, drop=[claim])
    commit.rows = [Row(claim.channel, claim.klass, claim.message, commit.at)]
    commit.inputs = [("back", claim.message)]
    commit.write(profile)
    return commit


def _provider(providers: Sequence[Provider], kept: Mapping[str, bytes]) -> tuple[Provider, bool]:
    """The provider that had the message, and True; when nobody knows it any more, the first one for its address."""
    name, address = (kept.get(field, b"").decode() for field in ("provider", "address"))
    found = next((each for each in providers if each.name == name), None)
    return (found, True) if found is not None else ((*of_address(providers, address), *providers)[0], False)
