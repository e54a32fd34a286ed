"""Sentences for what happened to a customer, as one would say them; times on the customer's own clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from engine.model.record import Told
from engine.policy.wallclock import to_local

_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_RULES = {
    "quiet_hours": "quiet hours",
    "cap": "enough messages",
    "time_to_live": "too late to be of use",
    "no_channel": "no channel may be used",
    "stop_if": "stopped by",
    "stop": "stopped by the journey",
    "goal": "goal reached",
    "completed": "all steps are done",
    "suppressed": "silenced",
    "global_holdout": "in the group that gets nothing, for comparison",
    "holdout": "in the group that gets nothing from this journey, for comparison",
    "render_failed": "could not be written",
    "no_voucher": "no voucher code was left for it",
    "bad_address": "the address is dead",
    "exit": "its journey has ended",
    "block": "withdrawn a moment ago",
    "lost_step": "its step is gone",
    "past": "the time has passed",
    "too_late": "arrived too late",
    "segment": "segment",
}
_STEPS = {"emit": "emits an event", "update": "notes something about the customer", "repeat": "begins a round"}
SHOWN = 8  # properties of an event
LONGEST = 40  # characters of a value


def clock(instant: int, zone: str, near: int | None = None) -> str:
    """'Tue 25 Nov 10:00', without the day when it is that of `near`, with the year when it is another's."""
    local = to_local(instant, zone)
    time = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    if near is not None:
        other = to_local(near, zone)
        if other.date() == local.date():
            return time
        if other.year == local.year:
            return f"{local:%a} {local.day} {local:%b} {time}"
    return f"{local:%a} {local.day} {local:%b %Y} {time}"


def reason(text: str, zone: str, near: int) -> str:
    """A stored reason, 'rule: observed', in words and on the customer's clock."""
    rule, colon, seen = text.partition(": ")
    words = _RULES.get(rule, rule.replace("_", " ") if " " not in rule else rule)
    return local_times(f"{words}: {seen}" if colon else words, zone, near)


def local_times(text: str, zone: str, near: int) -> str:
    """The text with its UTC instants on the customer's clock."""
    from datetime import datetime

    def shown(found: re.Match[str]) -> str:
        instant = datetime.fromisoformat(found[0].replace("Z", "+00:00"))
        return clock(round(instant.timestamp() * 1000), zone, near)

    return _ISO.sub(shown, text)


def properties(values: Mapping[str, Any]) -> str:
    """'total 55, order_id o1': what an event said, shortened; its envelope is told elsewhere."""
    shown = [(name, value) for name, value in values.items() if name not in ("event", "channel", "at")]
    more = f", and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
    return ", ".join(f"{name} {_short(value)}" for name, value in shown[:SHOWN]) + more


def _short(value: Any) -> str:
    text = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def sentence(told: Told, zone: str) -> str:
    """What happened, without when, where and in which journey."""
    why = f" - {reason(told.reason, zone, told.at)}" if told.reason else ""
    until = f" until {clock(told.until, zone, told.at)}" if told.until is not None else ""
    by = f" by {told.channel}" if told.channel else ""
    by += f" to {_extra(told, 'to')}" if _extra(told, "to") else ""
    known = _SENTENCES.get(told.kind)
    if known is None:
        return f"{told.kind} {told.message}{by}{until}{why}"
    return known(told, by, until, why)


def _event(told: Told, by: str, until: str, why: str) -> str:
    where = f" ({told.channel})" if told.channel else ""
    return f"{told.message}{where}"


def _step(told: Told, by: str, until: str, why: str) -> str:
    seen = told.reason.partition(": ")
    if told.message == "if":
        return f"if: {told.reason}"
    if told.message in ("wait", "wait_until"):
        return f"waits{until}" if until else f"does not wait{why}"
    if told.message == "wait_for":
        return f"waits for an event,{until.replace(' until', ' at most until')}" if until else "need not wait for it"
    return f"{_STEPS.get(told.message, told.message)}{': ' + seen[2] if seen[2] else ''}"


def _at_placement(told: Told) -> str:
    place = _extra(told, "placement")
    return f" at {place}" if place else ""


def _extra(told: Told, name: str) -> str:
    return str((told.extra or {}).get(name, ""))


_SENTENCES: dict[str, Callable[[Told, str, str, str], str]] = {
    "event": _event,
    "step": _step,
    "started": lambda t, by, until, why: f"starts{f' for {t.key}' if t.key else ''}{why}",
    "sent": lambda t, by, until, why: f"sends {t.message}{by}{why}",
    "held": lambda t, by, until, why: f"holds {t.message}{by}{until}{why}",
    "refused": lambda t, by, until, why: f"does not send {t.message}{by}{why}",
    "expired": lambda t, by, until, why: f"gives {t.message} up{why}",
    "withdrawn": lambda t, by, until, why: f"withdraws {t.message}{by}{why}",
    "cancelled": lambda t, by, until, why: f"cancels {t.message}{by}{why}",
    "held_out": lambda t, by, until, why: f"would have sent {t.message}{by}{why}",
    "unknown": lambda t, by, until, why: f"cannot know whether {t.message} arrived{by}{why}",
    "retried": lambda t, by, until, why: (
        f"could not hand over {t.message}{by}{until and ', tries again at'}{until.removeprefix(' until')}{why}"
    ),
    "ended": lambda t, by, until, why: f"ends{why}",
    "moved": lambda t, by, until, why: f"goes on in the newest version{why}",
    "split": lambda t, by, until, why: f"falls into arm {_extra(t, 'arm') or 'none'}{why}",
    "shown": lambda t, by, until, why: f"is shown {_extra(t, 'action')}{_at_placement(t)}",
    "answered": lambda t, by, until, why: f"says of {_extra(t, 'action')}{_at_placement(t)}{why}",
    "suggested": lambda t, by, until, why: f"puts {_extra(t, 'action')} on the table{until}{why}",
    "suppressed": lambda t, by, until, why: f"keeps {_extra(t, 'action')} off the table{until}{why}",
    "chosen": lambda t, by, until, why: f"looks for the best of {_extra(t, 'placement')}{why}",
    "called": lambda t, by, until, why: f"calls {t.message}{why}",
    "entered": lambda t, by, until, why: f"enters {why.removeprefix(' - ')}",
    "left": lambda t, by, until, why: f"leaves {why.removeprefix(' - ')}",
    "merged": lambda t, by, until, why: f"is one person with another profile{why}",
    "flagged": lambda t, by, until, why: f"note{why}",
    "set_aside": lambda t, by, until, why: f"is set aside{why}",
}
