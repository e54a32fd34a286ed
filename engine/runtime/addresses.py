"""What is known of addresses, over all shards: who refused mail there, and who was just told what.

An address stands in its key as a hash, so that erasing a customer leaves the refusal and not the address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.address import INTENT_LASTS, UNHEARD_OF, Heard, Said, Standing
from engine.runtime import keys

if TYPE_CHECKING:
    from engine.runtime.store import Store

Where = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Taking:
    """`profile`, into whom `absorbed` were merged, wants to be told `intent` by a channel at an address."""

    channel: str
    address: str
    intent: str
    profile: str
    absorbed: tuple[str, ...] = ()


class Addresses:
    """Reads and writes what concerns an address, many in one round trip."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def hear(self, words: Iterable[Said]) -> None:
        """Remember statements; an older one never replaces a newer one."""
        pipe, any_ = self._store.pipeline(), False
        for said in words:
            key = keys.address(said.channel, said.address)
            self._store.call("hear", [key], said.purpose, said.state, said.at, said.by, pipe=pipe)
            any_ = True
        if any_:
            pipe.execute()

    def ask(
        self, places: Sequence[Where], takings: Sequence[Taking], now: int
    ) -> tuple[dict[Where, Standing], list[tuple[str, bool]]]:
        """What was said of these addresses; and for each taking the other profile that has it ('' when it is
        taken now) and whether it is newly the customer's own. `now` is engine time."""
        pipe = self._store.pipeline()
        for place in places:
            pipe.hgetall(keys.address(*place))
        calls = []
        for each in takings:
            key = keys.intent(each.channel, each.address, each.intent)
            calls.append(((key,), (each.profile, now, INTENT_LASTS, *each.absorbed)))
        self._store.add_calls(pipe, "take", calls)
        answers = pipe.execute() if places or takings else []
        said = {place: _standing(found) for place, found in zip(places, answers, strict=False)}
        taken = [(holder.decode(), bool(fresh)) for holder, fresh in self._store.answers(answers[len(places) :])]
        return said, taken

    def give_back(self, takings: Iterable[Taking]) -> None:
        """Undo takings that were not used."""
        pipe, any_ = self._store.pipeline(), False
        for each in takings:
            key = keys.intent(each.channel, each.address, each.intent)
            self._store.call("untake", [key], each.profile, pipe=pipe)
            any_ = True
        if any_:
            pipe.execute()


def _standing(found: Mapping[bytes, bytes]) -> Standing:
    if not found:
        return UNHEARD_OF
    said = {}
    for purpose, heard in found.items():
        state, at, by = heard.decode().split("|", 2)
        said[purpose.decode()] = Heard(state, int(at), by)
    return Standing(said)
