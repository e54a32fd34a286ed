"""How a line of a story looks before it is read: its picture, its badge, its colour, and what filter shows it."""

from __future__ import annotations

from typing import NamedTuple

from engine.model.record import Told
from engine.runtime.voice import N_

# What can be chosen on the page -> the kinds of lines that are shown then. 'all' leaves nothing out.
SHOWS: dict[str, tuple[str, frozenset[str]]] = {
    "all": (N_("Everything"), frozenset()),
    "messages": (
        N_("Messages"),
        frozenset({"sent", "held", "refused", "expired", "cancelled", "withdrawn", "held_out", "unknown", "retried"}),
    ),
    "journeys": (N_("Journeys"), frozenset({"started", "step", "split", "moved", "ended", "called", "set_aside"})),
    "offers": (N_("Offers"), frozenset({"suggested", "suppressed", "chosen", "decided", "shown", "answered"})),
    "events": (N_("Events"), frozenset({"event", "entered", "left", "merged", "flagged"})),
}


class Sign(NamedTuple):
    """`icon` names a picture, `badge` is what the badge says ('' for none), `tone` its colour."""

    icon: str
    badge: str
    tone: str


_SIGNS = {
    "sent": Sign("", N_("Sent"), "good"),
    "held": Sign("hold", N_("Held"), "warn"),
    "refused": Sign("block", N_("Not sent"), "bad"),
    "expired": Sign("clock", N_("Given up"), "bad"),
    "cancelled": Sign("block", N_("Cancelled"), "plain"),
    "withdrawn": Sign("block", N_("Withdrawn"), "plain"),
    "held_out": Sign("block", N_("Held out"), "plain"),
    "unknown": Sign("doubt", N_("Unsure"), "bad"),
    "retried": Sign("again", N_("Trying again"), "warn"),
    "started": Sign("start", N_("Started"), "info"),
    "ended": Sign("end", N_("Ended"), "plain"),
    "moved": Sign("start", N_("Moved"), "plain"),
    "split": Sign("split", N_("Split"), "plain"),
    "suggested": Sign("offer", N_("On the table"), "info"),
    "suppressed": Sign("offer", N_("Off the table"), "plain"),
    "chosen": Sign("offer", N_("Chosen"), "info"),
    "decided": Sign("offer", N_("Answer"), "info"),
    "shown": Sign("offer", N_("Shown"), "info"),
    "answered": Sign("offer", N_("Answered"), "info"),
    "called": Sign("call", N_("Called"), "plain"),
    "entered": Sign("people", N_("Segment"), "plain"),
    "left": Sign("people", N_("Segment"), "plain"),
    "merged": Sign("people", N_("Merged"), "info"),
    "flagged": Sign("doubt", N_("Note"), "warn"),
    "set_aside": Sign("doubt", N_("Set aside"), "bad"),
}
_STEPS = {"if": "split", "split": "split", "wait": "clock", "wait_until": "clock", "wait_for": "clock"}
# What customers do shows where they do it.
_PLACES = {"web": "web", "app": "push", "push": "push", "sms": "sms", "email": "email", "store": "store"}


def sign_of(told: Told) -> Sign:
    """The sign of a line. What left, and how an offer was answered, shows its channel or its end."""
    if told.kind == "event":
        return Sign(_PLACES.get(told.channel, "event"), "", "event")
    if told.kind == "step":
        return Sign(_STEPS.get(told.message, "step"), "", "plain")
    found = _SIGNS.get(told.kind, Sign("step", "", "plain"))
    if told.kind == "sent":
        return found._replace(icon=_PLACES.get(told.channel, "email"))
    if told.kind == "ended" and told.reason.startswith("goal"):
        return Sign("goal", N_("Goal"), "good")
    if told.kind == "answered" and told.reason.startswith("accepted"):
        return found._replace(tone="good")
    return found


def shows(kind: str, told: Told) -> bool:
    """Whether a filter of SHOWS shows this line. One that is not known leaves nothing out."""
    kinds = SHOWS.get(kind, SHOWS["all"])[1]
    return not kinds or told.kind in kinds
