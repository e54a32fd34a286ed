"""Prompts for the people in a store: kept in Redis until they expire, where tablets and tills ask for them."""

from __future__ import annotations

from engine.model.message import Outgoing, SendOutcome
from engine.model.span import DAY
from engine.runtime import keys
from engine.runtime.store import Store, StoreError

LASTS = DAY  # ms, for a prompt without a time to live of its own


class StorePromptSender:
    """A `Sender` for the channel `store`. The same prompt twice is one prompt."""

    name = "store prompts"
    idempotent = True

    def __init__(self, store: Store) -> None:
        self._store = store

    def send(self, outgoing: Outgoing) -> SendOutcome:
        """Put the prompt where the store's devices find it."""
        lasts = outgoing.expires - outgoing.at if outgoing.expires is not None else LASTS
        if lasts <= 0:
            return SendOutcome("refused", "the prompt had expired")
        prompt = {
            "profile": outgoing.profile,
            "label": outgoing.label,
            "journey": outgoing.journey,
            "message": outgoing.message,
            "at": str(outgoing.at),
            **outgoing.rendered.parts,
        }
        try:
            self._store.put_prompt(outgoing.address, outgoing.message_id, prompt, lasts)
        except StoreError as fault:
            return SendOutcome("retry", f"the prompt could not be kept: {fault}")
        return SendOutcome("accepted", provider_id=keys.prompt(outgoing.address, outgoing.message_id))

    def close(self) -> None:
        """Nothing of its own is kept open."""
