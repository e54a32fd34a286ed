"""Asking the gate about messages on their way out: about the next few of a batch before the first of them leaves.

The gate and the templates touch much code and data. Between two messages Redis and the provider have the processor,
and leave nothing of that in its caches: asked a few times in a row, a sixth of a delivery is spared. An answer still
comes true only by its own begin, which the store refuses when the customer has changed, a block came, or an operator
has stopped it; and when time has passed it is asked for again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from engine.journey.blocks import leave_past_block
from engine.journey.leave import leave
from engine.journey.walk import Walk
from engine.model.address import Book
from engine.model.ids import shard_of
from engine.model.profile import Profile
from engine.runtime.attempt import as_kept, commit_of, copy_of
from engine.runtime.commit import Claim, Commit
from engine.runtime.overheard import Overheard

if TYPE_CHECKING:
    from engine.runtime.plans import Running
    from engine.runtime.store import Pulse, Store

AHEAD = 8  # messages
AHEAD_SECONDS = 0.25  # less than a pulse, which says who is stopped


class Asked(NamedTuple):
    """An answer of the gate: what it decided, what that changes, what it was told, what is kept of an earlier attempt,
    by which pulse and when (monotonic seconds)."""

    walk: Walk
    commit: Commit
    heard: Overheard
    kept: Mapping[str, bytes]
    pulse: Pulse
    at: float

    def holds(self, pulse: Pulse) -> bool:
        """Whether it would be the same now: soon afterwards, and by the same pulse."""
        return self.pulse is pulse and time.monotonic() - self.at < AHEAD_SECONDS


def ask(store: Store, running: Running, profile: Profile, claim: Claim, block: str, pulse: Pulse, known: Book) -> Asked:
    """Ask about one claimed message; `profile` is changed by it. `block` is what has just forbidden it, if anything."""
    plan, heard, now = running.plan, Overheard(block=block), pulse.time.now()
    book, render, kept = heard.read(known), running.render, dict[str, bytes]()
    if profile.messages[claim.message].unsure:
        kept = store.shards.message(claim.message, shard_of(profile.id))
        render = as_kept(kept, render)
    render = heard.render(render)
    if block:
        walk = leave_past_block(plan, profile, claim.message, block, now, render, pulse.flags, book)
    else:
        walk = leave(plan, profile, claim.message, now, render, pulse.flags, book)
    commit = commit_of(walk, claim, ("leave", claim.message, heard))
    if walk.outgoing is not None:
        commit.copy = copy_of(walk.outgoing)
    return Asked(walk, commit, heard, kept, pulse, time.monotonic())


class Ahead:
    """Answers about messages whose turn has not come."""

    def __init__(self) -> None:
        self._asked: dict[str, Asked] = {}

    def ask(
        self,
        claims: Iterable[Claim],
        found: dict[str, Profile | Exception],
        touched: Iterable[str],
        one: Callable[[Profile, Claim], Asked],
    ) -> None:
        """Ask `one` about each claim: once for a customer, whose profile is `found` as read, and not about those who
        were `touched` since. What is raised stands in the profile's place, to be said when its turn has come."""
        self._asked.clear()
        seen = set(touched)
        for claim in claims:
            profile = found.get(claim.profile)
            if claim.profile in seen:
                continue
            seen.add(claim.profile)
            if isinstance(profile, Profile) and _at_once(profile, claim):
                try:
                    self._asked[claim.message] = one(profile, claim)
                except Exception as fault:
                    found[claim.profile] = fault

    def take(self, claim: Claim) -> Asked | None:
        """What was said about this message, if it was asked about."""
        return self._asked.pop(claim.message, None)


def _at_once(profile: Profile, claim: Claim) -> bool:
    """Whether the gate may be asked: nothing else is to be seen to before."""
    message = profile.messages.get(claim.message)
    return message is not None and message.status == "planned" and message.queue == claim.channel and not message.unsure
