"""Which message a receipt is about: what providers and customers report of one that a journey has sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.journey.walk import Walk
from engine.model.plan import Step
from engine.model.profile import Enrolment

ANY = "any"


def is_about(view: Mapping[str, Any], message: str, name: str) -> bool:
    """Is the receipt about the message of that id? It may name the message, its attempt or its template; an
    answer to a prompt may name the prompt beside its template."""
    prompt = view.get("prompt")
    if isinstance(prompt, str) and prompt:
        return prompt == message
    about = view.get("message")
    return isinstance(about, str) and bool(about) and (about.startswith(message) or about == name)


def concerns(walk: Walk, run: Enrolment, view: Mapping[str, Any], wanted: str) -> bool:
    """Is a receipt about what `run` has sent: its last message (`wanted` ''), those called `wanted`, or `any`?

    A receipt that names no message may be about each; before its first `send` a journey has none of its own.
    """
    if wanted == ANY or not run.sent or not (view.get("message") or view.get("prompt")):
        return True
    journey = walk.journey(run)
    last = next(reversed(run.sent))
    for step, message in run.sent.items():
        sender = journey.steps.get(step) if journey is not None else None
        name = _name_of(walk, message, sender) if sender is not None else ""
        if (wanted == name if wanted else step == last) and is_about(view, message, name):
            return True
    return False


def _name_of(walk: Walk, message: str, sender: Step) -> str:
    """What a message is called; that of `send_best` as it was chosen."""
    counted = (entry.name for entry in walk.profile.ledger if entry.id.startswith(message))
    return str(sender.spec.message or next(counted, ""))
