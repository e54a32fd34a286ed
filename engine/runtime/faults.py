"""A message on which the engine itself fails: tried three times, then set aside for somebody to look at.

One message never stops the others, and never comes back for ever. What concerns the whole process (the
store is away, no plan, a newer release has written the customer) is no message's fault and goes up.
"""

from __future__ import annotations

import traceback

from engine.journey.aside import set_aside
from engine.model.errors import ParcoursError
from engine.model.record import Row
from engine.runtime.blob import read_profile
from engine.runtime.commit import Claim, Commit
from engine.runtime.decide import MOST_TRACE
from engine.runtime.plans import Running
from engine.runtime.store import Store, StoreError

MOST_FAULTS = 3
PAUSE_MS = 1_000  # before the next try, times four each
NOT_ITS_FAULT = (ParcoursError, StoreError)
OUT, SENDING = "out", "sending"  # where a letter's message goes when it is taken up again


def noted(store: Store, running: Running, claim: Claim, fault: Exception, now: int, *, to: str = OUT) -> None:
    """Deal with a claim on which the engine failed at engine time `now`: again later, or aside.

    `to` says where the message belongs: the outbox when nothing has left, `sending` when a provider may have it.
    """
    commit = Commit(profile=claim.profile, at=now, plan=running.plan.fingerprint, about=claim.message)
    kept = store.shards.message(claim.message, commit.shard)
    count = int(kept.get("faults", b"0")) + 1
    commit.message = {"faults": str(count), "fault": _said(fault), "profile": claim.profile}
    if count < MOST_FAULTS:
        if to == OUT:
            commit.rows = [Row(claim.channel, claim.klass, claim.message, now + PAUSE_MS * 4 ** (count - 1))]
            commit.drop = [claim]
        store.shards.commit([commit])  # a row of `sending` stays, until its lease is over
        return
    commit.message = {"faults": "0", "fault": _said(fault), "profile": claim.profile}
    commit.dead = {
        "m": str(claim),
        "to": to,
        "profile": claim.profile,
        "reason": _said(fault),
        "trace": "".join(traceback.format_exception(fault))[-MOST_TRACE:],
        "at": str(now),
    }
    commit.drop = [claim]
    for _ in range(MOST_FAULTS):
        if to == OUT:
            _mark(store, running, commit, fault)
        if store.shards.commit([commit]) == ["ok"]:
            return
        commit.expect = None


def _mark(store: Store, running: Running, commit: Commit, fault: Exception) -> None:
    """Have the customer's journey go on, if the engine can decide anything about this customer at all."""
    blob = store.shards.profiles([commit.profile]).get(commit.profile)
    try:
        if blob is not None:
            walk = set_aside(running.plan, read_profile(blob), commit.about, commit.at, _said(fault))
            commit.rows, commit.records, commit.flows = walk.rows, walk.records, walk.flows
            commit.inputs = [("set_aside", commit.about, _said(fault))]
            commit.write(walk.profile)
    except NOT_ITS_FAULT:
        raise
    except Exception:  # the customer's state itself is at fault; the letter says enough
        commit.rows, commit.records, commit.flows, commit.expect = (), (), {}, None


def _said(fault: Exception) -> str:
    return f"{type(fault).__name__}: {fault}"
