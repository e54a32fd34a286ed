"""What one shard keeps of a customer beside the profile itself, to be deleted with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.channels import OUTBOXES
from engine.journey.identity import Link
from engine.model.ids import token
from engine.model.profile import Profile
from engine.runtime import keys
from engine.runtime.orders import Erase


@dataclass(frozen=True, slots=True)
class Erasure:
    """`pending` are messages on their way, `kept` those with a rendered copy, `events` the ids of its events,
    `links` its identifiers, `absorbed` the profiles that were merged into it, `prompts` (store, message) what
    shops show. `at` is when it was asked (server ms): what was on its way by then is erased as well."""

    pending: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    absorbed: tuple[str, ...] = ()
    prompts: tuple[tuple[str, str], ...] = ()
    at: int = 0

    @classmethod
    def of(cls, profile: Profile | None, order: Erase) -> Erasure:
        """What goes with `profile`, as far as it knows, and what `order` says had gone to its new home."""
        own = erase_of(profile, order.at) if profile is not None else Erase(profile=order.profile)
        return cls(
            pending=tuple(profile.messages) if profile is not None else (),
            events=tuple(dict.fromkeys((*own.events, *order.events))),
            links=(*own.links, *order.links),
            absorbed=(*own.absorbed, *order.absorbed),
            prompts=(*own.prompts, *order.prompts),
            at=order.at,
        )

    def parts(self, shard: int, profile: str, names: list[str]) -> dict[str, Any]:
        """What commit.lua is asked; the keys it takes are added to `names`."""
        copies, rows = [], []
        for message in dict.fromkeys((*self.kept, *self.pending)):
            names.append(keys.message(shard, message))
            copies.append(len(names))
        for key in (keys.words(shard, profile), keys.asked(shard, profile), keys.heed(shard, profile)):
            names.append(key)
            copies.append(len(names))
        for channel in OUTBOXES if self.pending else ():
            for klass in keys.KLASSES:
                names.append(keys.out(shard, channel, klass))
                rows += [(len(names), f"{profile}|{message}") for message in self.pending]
        sending = 5  # the place of `sending` among the keys of a commit
        rows += [
            (sending, f"{channel}|{klass}|{profile}|{message}")
            for channel in OUTBOXES
            for klass in keys.KLASSES
            for message in self.pending
        ]
        names.append(keys.erased(shard))
        stone = (len(names), self.at, gravestone(profile))
        return {"keys": copies, "rows": rows, "seen": list(self.events), "stone": stone}


def erase_of(profile: Profile, at: int) -> Erase:
    """The order that erases what is left of `profile` where it was, with all that it took along."""
    return Erase(
        profile=profile.id,
        remains=True,
        events=[past.id for many in profile.history.values() for past in many],
        links=[(name, value) for name, values in profile.identifiers.items() for value in values],
        prompts=[(prompt.store, prompt.id) for prompt in profile.prompts],
        absorbed=list(profile.absorbed),
        at=at,
    )


def gravestone(profile: str) -> str:
    """What stands for an erased profile: a hash that tells nothing of it."""
    return token("erased", profile)
