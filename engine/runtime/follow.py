"""What can be followed through the logs: an event by its id, to its messages, to the attempts to hand them over.

Whose it is is told by the profile's id, which says nothing to strangers. What a provider answered in words
stands in the customer's timeline, not here: it may repeat an address or a name.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.model.message import Outgoing
    from engine.runtime.commit import Commit

_events = logging.getLogger("parcours.events")
_decisions = logging.getLogger("parcours.decisions")
_messages = logging.getLogger("parcours.messages")
_LEVELS = {"accepted": logging.DEBUG, "unknown": logging.WARNING}
_TOLD = ("sent", "held", "refused", "expired", "cancelled", "unknown", "retried", "held_out")


def log_events(answers: Iterable[tuple[str, str, bool]]) -> None:
    """(event id, profile id, whether it was taken in: else it had been before)."""
    if _events.isEnabledFor(logging.DEBUG):
        for event, profile, new in answers:
            _events.debug("accepted" if new else "a duplicate", extra={"event_id": event, "profile": profile})


def log_commit(commit: Commit) -> None:
    """This commit was written: which events it decided, and which messages came of it."""
    if commit.dead:
        extra = {"profile": commit.profile, "event_id": _ids(commit)}
        _decisions.error("set aside; see parcours dead list", extra=extra)
    elif _decisions.isEnabledFor(logging.DEBUG):
        for row in commit.rows:
            extra = {"profile": commit.profile, "event_id": _ids(commit), "message_id": row.message}
            _decisions.debug(f"planned by {row.channel}", extra=extra)
        for record in commit.records:
            if record.kind in _TOLD:
                rule = record.reason.partition(":")[0]
                extra = {"profile": commit.profile, "message_id": record.id, "rule": rule}
                _decisions.debug(record.kind, extra=extra)


def log_attempt(outgoing: Outgoing, provider: str, outcome: str, seconds: float) -> None:
    """A provider was called."""
    level = _LEVELS.get(outcome, logging.INFO)
    if _messages.isEnabledFor(level):
        extra = {
            "profile": outgoing.profile,
            "message_id": outgoing.message_id,
            "attempt_id": outgoing.attempt_id,
            "channel": outgoing.channel,
            "provider": provider,
            "outcome": outcome,
            "ms": round(seconds * 1000, 1),
        }
        _messages.log(level, "handed over" if outcome == "accepted" else "not handed over", extra=extra)


def _ids(commit: Commit) -> str:
    """The ids of the events that a commit decided."""
    inputs: Sequence[Any] = [given[1:] if given[0] == "dead" else given for given in commit.inputs]
    return " ".join(given[1].id for given in inputs if given[0] == "event")
