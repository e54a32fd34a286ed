"""Sentences for what happened to a customer, as one would say them; times on the customer's own clock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.model.record import Told
from engine.policy.wallclock import to_local
from engine.runtime.observed_words import RULES
from engine.runtime.voice import ENGLISH, N_, Voice

_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_STEPS = {
    "emit": N_("emits an event"),
    "update": N_("notes something about the customer"),
    "repeat": N_("begins a round"),
}
_SENTENCES = {
    "started": N_("starts{key}{why}"),
    "sent": N_("sends {message}{by}{why}"),
    "held": N_("holds {message}{by}{until}{why}"),
    "refused": N_("does not send {message}{by}{why}"),
    "expired": N_("gives {message} up{why}"),
    "withdrawn": N_("withdraws {message}{by}{why}"),
    "cancelled": N_("cancels {message}{by}{why}"),
    "held_out": N_("would have sent {message}{by}{why}"),
    "unknown": N_("cannot know whether {message} arrived{by}{why}"),
    "retried": N_("could not hand over {message}{by}{again}{why}"),
    "ended": N_("ends{why}"),
    "moved": N_("goes on in the newest version{why}"),
    "split": N_("falls into arm {arm}{why}"),
    "decided": N_("the answer{place}: {action}"),
    "shown": N_("is shown {action}{place}"),
    "answered": N_("says of {action}{place}{why}"),
    "suggested": N_("puts {action} on the table{until}{why}"),
    "suppressed": N_("keeps {action} off the table{until}{why}"),
    "chosen": N_("looks for the best of {placement}{why}"),
    "called": N_("calls {message}{why}"),
    "entered": N_("enters {reason}"),
    "left": N_("leaves {reason}"),
    "merged": N_("is one person with another profile{why}"),
    "flagged": N_("note{why}"),
    "set_aside": N_("is set aside{why}"),
}
SHOWN = 8  # properties of an event
LONGEST = 40  # characters of a value


def clock(instant: int, zone: str, near: int | None = None, voice: Voice = ENGLISH) -> str:
    """'Tue 25 Nov 10:00', without the day when it is that of `near`, with the year when it is another's."""
    local = to_local(instant, zone)
    time = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    if near is not None:
        other = to_local(near, zone)
        if other.date() == local.date():
            return time
        if other.year == local.year:
            return f"{voice.date(local, year=False)} {time}"
    return f"{voice.date(local, year=True)} {time}"


def reason(text: str, zone: str, near: int, voice: Voice = ENGLISH) -> str:
    """A stored reason, 'rule: observed', in words and on the customer's clock."""
    rule, colon, seen = text.partition(": ")
    known = RULES.get(rule)
    words = voice.say(known) if known is not None else rule.replace("_", " ") if " " not in rule else voice.read(rule)
    if not colon:
        return words
    return voice.say(N_("{rule}: {seen}")).format(rule=words, seen=observed(seen, zone, near, voice))


def observed(text: str, zone: str, near: int, voice: Voice = ENGLISH) -> str:
    """What was observed, in the language of `voice` and with its UTC instants on the customer's clock."""

    def shown(found: re.Match[str]) -> str:
        instant = datetime.fromisoformat(found[0].replace("Z", "+00:00"))
        return clock(round(instant.timestamp() * 1000), zone, near, voice)

    return _ISO.sub(shown, voice.read(text))


def properties(values: Mapping[str, Any], voice: Voice = ENGLISH) -> str:
    """'total 55, order_id o1': what an event said, shortened; its envelope is told elsewhere."""
    shown = [(name, value) for name, value in values.items() if name not in ("event", "channel", "at")]
    more = voice.say(N_(", and {count} more")).format(count=len(shown) - SHOWN) if len(shown) > SHOWN else ""
    return ", ".join(f"{name} {_short(value, voice)}" for name, value in shown[:SHOWN]) + more


def _short(value: Any, voice: Voice) -> str:
    if isinstance(value, bool):
        text = voice.say({True: N_("yes"), False: N_("no")}[value])
    elif isinstance(value, list) and any(isinstance(each, list | dict) for each in value):
        text = voice.say(N_("({count} items)") if len(value) != 1 else N_("(one item)")).format(count=len(value))
    else:
        text = ", ".join(map(str, value[:SHOWN])) if isinstance(value, list) else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def sentence(told: Told, zone: str, voice: Voice = ENGLISH) -> str:
    """What happened, without when, where and in which journey."""
    if told.kind == "event":
        return f"{told.message} ({told.channel})" if told.channel else told.message
    said, say = (told.extra or {}), voice.say
    words = reason(told.reason, zone, told.at, voice) if told.reason else ""
    then = clock(told.until, zone, told.at, voice) if told.until is not None else ""
    if told.kind == "step":
        return _step(told, zone, then, words, voice)
    by = say(N_(" by {channel}")).format(channel=told.channel) if told.channel else ""
    by += say(N_(" to {recipient}")).format(recipient=said["to"]) if said.get("to") else ""
    pattern = _SENTENCES.get(told.kind)
    return (say(pattern) if pattern is not None else f"{told.kind} {{message}}{{by}}{{until}}{{why}}").format(
        message=told.message,
        by=by,
        why=f" - {words}" if words else "",
        reason=words,
        until=say(N_(" until {time}")).format(time=then) if then else "",
        again=say(N_(", tries again at {time}")).format(time=then) if then else "",
        key=say(N_(" for {key}")).format(key=told.key) if told.key else "",
        arm=said.get("arm") or say(N_("none")),
        action=said.get("action", ""),
        placement=said.get("placement", ""),
        place=say(N_(" at {placement}")).format(placement=said["placement"]) if said.get("placement") else "",
    )


def _step(told: Told, zone: str, then: str, words: str, voice: Voice) -> str:
    say = voice.say
    seen = told.reason.partition(": ")[2]
    if told.message == "if":
        return say(N_("if: {reason}")).format(reason=observed(told.reason, zone, told.at, voice))
    if told.message in ("wait", "wait_until"):
        why = f" - {words}" if words else ""
        return (
            say(N_("waits until {time}")).format(time=then) if then else say(N_("does not wait{why}")).format(why=why)
        )
    if told.message == "wait_for":
        if then:
            return say(N_("waits for an event, at most until {time}")).format(time=then)
        return say(N_("need not wait for it"))
    known = _STEPS.get(told.message)
    does = say(known) if known is not None else told.message
    return say(N_("{rule}: {seen}")).format(rule=does, seen=seen) if seen else does
