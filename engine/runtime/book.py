"""The book of addresses for one batch of messages on their way out: read beforehand, in one round trip."""

from __future__ import annotations

from collections.abc import Iterable

from engine.journey.intent import Concerns
from engine.model.address import UNHEARD_OF, Book, Standing
from engine.runtime import points
from engine.runtime.addresses import Addresses, Taking, Where


class BatchBook:
    """What a batch knows of addresses. An intent is taken for each message that may leave, and given back at
    the end (`close`) by those that did not."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._said: dict[Where, Standing] = {}
        self._others: dict[str, tuple[Where, str]] = {}
        self._unused: dict[str, Taking] = {}

    def read(self, messages: Iterable[tuple[str, str, Concerns]], now: int) -> None:
        """Look up all that the gate may ask about these (profile id, message id, what it concerns)."""
        places: dict[Where, None] = {}
        takings: dict[str, Taking] = {}
        for profile, message, found in messages:
            places.update(dict.fromkeys(found.places))
            self._others.pop(message, None)
            if found.intent:
                takings[message] = Taking(*found.leads_to, found.intent, profile, found.absorbed)
        said, taken = self._addresses.ask(list(places), list(takings.values()), now)
        points.at("book.taken")
        self._said.update(said)
        for (message, taking), (holder, fresh) in zip(takings.items(), taken, strict=True):
            if holder:
                self._others[message] = ((taking.channel, taking.address), holder)
            elif fresh:
                self._unused[message] = taking

    def of(self, message: str) -> Book:
        """The book as the gate reads it for one message."""
        place, holder = self._others.get(message, (("", ""), ""))

        def look(channel: str, address: str) -> Standing:
            known = self._said.get((channel, address), UNHEARD_OF)
            return Standing(known.said, holder) if holder and place == (channel, address) else known

        return look

    def used(self, message: str) -> None:
        """The message leaves: what was taken for it stays taken."""
        self._unused.pop(message, None)

    def close(self) -> None:
        """Give back what was taken in vain, and forget everything."""
        unused, self._unused = list(self._unused.values()), {}
        self._said.clear()
        self._others.clear()
        if unused:
            points.at("book.unused")
            self._addresses.give_back(unused)
