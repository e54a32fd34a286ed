"""What one shard keeps of a customer beside the profile itself, to be deleted with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine.channels import OUTBOXES
from engine.journey.identity import Link
from engine.model.profile import Profile
from engine.runtime import keys


@dataclass(frozen=True, slots=True)
class Erasure:
    """`pending` are messages on their way, `kept` those with a rendered copy, `events` the ids of its events,
    `links` its identifiers, `absorbed` the profiles that were merged into it, `prompts` (store, message) what
    shops show."""

    pending: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    absorbed: tuple[str, ...] = ()
    prompts: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, profile: Profile | None, events: Iterable[str] = ()) -> Erasure:
        """What goes with `profile`, as far as it knows; `events` had gone to its new home."""
        if profile is None:
            return cls(events=tuple(events))
        own = (past.id for many in profile.history.values() for past in many)
        return cls(
            pending=tuple(profile.messages),
            events=tuple(dict.fromkeys((*own, *events))),
            links=tuple((name, value) for name, values in profile.identifiers.items() for value in values),
            absorbed=tuple(profile.absorbed),
            prompts=tuple((prompt.store, prompt.id) for prompt in profile.prompts),
        )

    def parts(self, shard: int, profile: str, names: list[str]) -> dict[str, Any]:
        """What commit.lua is asked; the keys it takes are added to `names`."""
        copies, rows = [], []
        for message in dict.fromkeys((*self.kept, *self.pending)):
            names.append(keys.message(shard, message))
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
        return {"keys": copies, "rows": rows, "seen": list(self.events)}
