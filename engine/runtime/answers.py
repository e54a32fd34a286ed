"""What an associate says of a prompt: an event on the customer, once, and gone from the tablets."""

from __future__ import annotations

from engine.model.errors import BadEvent
from engine.model.event import ANSWERED, Event
from engine.model.ids import token
from engine.runtime.engine import Engine
from engine.runtime.store_prompts import Standing


class Undecided(Exception):
    """The answer could not be brought to its customer."""


def answered(engine: Engine, store_id: str, prompt: str, who: str, outcome: str) -> Standing:
    """Take an associate's word, unless somebody else has the prompt; how it stands.

    The first word counts. Should this process die in between, the same word again brings it to its end: the
    customer's event has an id of the prompt's own. Raises StoreError (say it again), and Undecided when the prompt
    names no customer any more.
    """
    prompts = engine.store.prompts
    found = prompts.answer(store_id, prompt, who, outcome, done=False)
    if found.word != "yours":
        return found
    said = prompts.said(store_id, prompt)
    identifier, _, value = said.get("label", "").partition(":")
    now = engine.store.clock().engine
    event = Event(
        id=token(ANSWERED, prompt),
        name=ANSWERED,
        profile={identifier: value},
        at=now,
        received=now,
        channel="store",
        properties={
            "prompt": prompt,
            "message": said.get("message", ""),
            "outcome": outcome,
            "associate": who,
            "store": store_id,
        },
    )
    try:
        engine.accept([event])
    except BadEvent as fault:
        raise Undecided(f"the customer of this prompt is not known any more: {fault.sentence()}") from None
    prompts.answer(store_id, prompt, who, outcome, done=True)
    return found
