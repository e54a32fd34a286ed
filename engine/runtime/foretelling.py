"""Words for what is planned for a customer, what could still stop it, and why a journey has not started."""

from __future__ import annotations

from engine.journey.outlook import Planned, Stopper
from engine.journey.why_not import Answer
from engine.runtime.telling import observed, reason
from engine.runtime.voice import ENGLISH, N_, Voice

_ENDS = {
    "goal": N_("ends it (goal): {what}"),
    "stop_if": N_("ends it: {what}"),
    "suppress": N_("nothing leaves while: {what}"),
}


def coming(each: Planned, voice: Voice = ENGLISH) -> str:
    """What will happen, without when and in which journey."""
    say = voice.say
    if each.what == "message":
        detail = voice.read(each.detail)
        return f"{each.name} {detail}" if each.at is None else f"{each.name} ({detail})"
    if each.what == "start":
        return say(N_("starts; {detail}")).format(detail=voice.read(each.detail))
    if each.what == "schedule":
        return say(N_("looks whether it concerns this customer"))
    messages = say(N_(" or ")).join(map(voice.read, each.then))
    then = say(N_(", then perhaps {messages}")).format(messages=messages) if each.then else ""
    text = say(N_("goes on after {step}{then}") if each.at is not None else N_("stands at {step}{then}"))
    return text.format(step=each.name, then=then)


def hinders(stopper: Stopper, zone: str, now: int, voice: Voice = ENGLISH) -> str:
    """What could stop it, and how things stand; without the place of the rule."""
    say = voice.say
    seen = observed(stopper.seen, zone, now, voice)
    if stopper.rule in _ENDS:
        now_seen = say(N_(" - now {seen}")).format(seen=seen) if seen else ""
        return say(_ENDS[stopper.rule]).format(what=f"{stopper.text}{now_seen}")
    if stopper.rule in ("only_if", "audience"):
        text = N_("no, as things are: {what}") if stopper.holds else N_("yes, as things are: {what}")
        return say(text).format(what=f"{stopper.text} - {seen}")
    text = N_("could not leave now: {what}") if stopper.holds else N_("not by: {what}")
    why = reason(f"{stopper.rule}: {stopper.seen}" if stopper.seen else stopper.rule, zone, now, voice)
    return say(text).format(what=f"{voice.read(stopper.text)} - {why}")


def asked_for(answer: Answer, voice: Voice = ENGLISH) -> str:
    """What a start needs: a line of the journey's file as it is written, and what the engine itself asks in words."""
    return answer.text if answer.rule in ("audience", "only_if") else voice.read(answer.text)
