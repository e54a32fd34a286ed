"""Prompts for the people in a store: kept in Redis until they expire, where tablets and tills ask for them."""

from __future__ import annotations

from collections.abc import Iterable

from engine.model.message import PROMPT_LASTS, Outgoing, SendOutcome
from engine.runtime import keys
from engine.runtime.commit import Commit
from engine.runtime.store import Store, StoreError


def withdraw(store: Store, commits: Iterable[Commit]) -> None:
    """Remove what written commits withdraw from the stores' lists. If a worker dies first, a prompt ends by itself."""
    for commit in commits:
        for record in commit.records:
            if record.kind == "withdrawn" and record.extra is not None:
                store.prompts.withdraw(record.extra["store"], record.id, record.reason.partition(":")[0])


class StorePromptSender:
    """A `Sender` for the channel `store`. The same prompt twice is one prompt."""

    name = "store prompts"
    idempotent = True

    def __init__(self, store: Store) -> None:
        self._store = store

    def send(self, outgoing: Outgoing) -> SendOutcome:
        """Put the prompt where the store's devices find it."""
        lasts = outgoing.expires - outgoing.at if outgoing.expires is not None else PROMPT_LASTS
        if lasts <= 0:
            return SendOutcome("refused", "the prompt had expired")
        prompt = {
            "label": outgoing.label,
            "journey": outgoing.journey,
            "message": outgoing.message,
            "at": str(outgoing.at),
            **outgoing.rendered.parts,
        }
        try:
            self._store.prompts.show(outgoing.address, outgoing.message_id, prompt, lasts)
        except StoreError as fault:
            return SendOutcome("retry", f"the prompt could not be kept: {fault}")
        return SendOutcome("accepted", provider_id=keys.prompt(outgoing.address, outgoing.message_id))

    def close(self) -> None:
        """Nothing of its own is kept open."""
