"""What is known of addresses, in memory: the twin of the runtime's book."""

from __future__ import annotations

from collections.abc import Iterable

from engine.journey.intent import Concerns
from engine.model.address import INTENT_LASTS, UNHEARD_OF, Book, Heard, Said, Standing, newer


class MemoryBook:
    """Statements about addresses, and who was written to about what."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str], dict[str, Heard]] = {}
        self._taken: dict[tuple[str, str, str], tuple[str, int]] = {}

    def copy(self) -> MemoryBook:
        """The same statements, apart."""
        made = MemoryBook()
        made._said = {about: dict(heard) for about, heard in self._said.items()}
        made._taken = dict(self._taken)
        return made

    def hear(self, words: Iterable[Said]) -> None:
        """Remember statements; an older one never replaces a newer one."""
        for said in words:
            here = self._said.setdefault((said.channel, said.address), {})
            if newer(said, here.get(said.purpose)):
                here[said.purpose] = Heard(said.state, said.at, said.by)

    def of(self, about: Concerns, profile: str, now: int) -> Book:
        """The book as the gate reads it for one message of `profile` at `now`."""
        holder, at = self._taken.get((*about.leads_to, about.intent), ("", 0)) if about.intent else ("", 0)
        other = holder if holder not in (profile, *about.absorbed) and at > now - INTENT_LASTS else ""

        def look(channel: str, address: str) -> Standing:
            said = self._said.get((channel, address))
            taken = other if (channel, address) == about.leads_to else ""
            return Standing(said or {}, taken) if said or taken else UNHEARD_OF

        return look

    def take(self, about: Concerns, profile: str, now: int) -> None:
        """The message leaves: `profile` is told this at that address."""
        if about.intent:
            self._taken[(*about.leads_to, about.intent)] = (profile, now)
