"""The ways on from a step, with the words that tell them apart; and a step in a few words."""

from __future__ import annotations

from typing import NamedTuple

from engine.console.words import N_
from engine.define.checks.flow import following
from engine.journey.steps.call import Called
from engine.journey.steps.emit import Emitted
from engine.journey.steps.if_ import Fork
from engine.journey.steps.repeat import Again
from engine.journey.steps.send import Choosing, Sending
from engine.journey.steps.split import Arm
from engine.journey.steps.suggest import Word
from engine.journey.steps.wait_for import Awaited
from engine.journey.steps.wait_until import Until
from engine.model.plan import Journey, Step
from engine.model.span import Span

VERBS = {
    "send": N_("Send"),
    "wait": N_("Wait"),
    "wait_for": N_("Wait for"),
    "wait_until": N_("Wait until"),
    "if": N_("If"),
    "split": N_("Split"),
    "send_best": N_("Send the best of"),
    "suggest": N_("Suggest"),
    "suppress": N_("Keep back"),
    "update": N_("Note"),
    "emit": N_("Emit"),
    "call": N_("Ask"),
    "repeat": N_("Repeat"),
    "stop": N_("Stop"),
}
YES, NO, CAME, TIMEOUT, ANSWERED = N_("yes"), N_("no"), N_("it came"), N_("too late"), N_("answered")
AGAIN, DONE, THEN, PAST, OTHERWISE = N_("again"), N_("done"), N_("then"), N_("already past"), N_("nothing fits")


class Way(NamedTuple):
    """A way on: to the step `to` ('' = the end). `word` is one of the words above, or ''; `name` an arm's own."""

    to: str
    word: str = ""
    name: str = ""


def ways(step: Step) -> list[Way]:
    """Every way on from `step`, in the order in which it is written. Ways to one step are one."""
    spec = step.spec
    found = [Way(to) for to in following(step)]
    if isinstance(spec, Fork):
        found = [Way(spec.then, YES), Way(spec.otherwise, NO)]
    elif isinstance(spec, Awaited):
        found = [Way(spec.then, CAME), Way(spec.timeout, TIMEOUT)]
    elif isinstance(spec, Called):
        found = [Way(spec.then, ANSWERED), Way(spec.timeout, TIMEOUT)]
    elif isinstance(spec, Until) and spec.then != step.next:
        found = [Way(spec.then, THEN), *(Way(each.to, PAST) for each in found if each.to != spec.then)]
    elif isinstance(spec, Choosing):
        found = [Way(step.next), *(Way(each.to, OTHERWISE) for each in found if each.to != step.next)]
    elif isinstance(spec, Again):
        found = [Way(spec.first, AGAIN), Way(step.next, DONE)]
    elif isinstance(spec, tuple) and spec and isinstance(spec[0], Arm):
        arms = [Way(arm.then, "", arm.name) for arm in spec]
        found = [*arms, *(each for each in found if each.to not in {arm.to for arm in arms})]
    merged: dict[str, Way] = {}
    for way in found:
        known = merged.get(way.to)
        names = [each for each in ((known.name if known else ""), way.name) if each]
        merged[way.to] = Way(way.to, "" if known else way.word, ", ".join(names))
    return list(merged.values())


def about(step: Step) -> tuple[str, str]:
    """What a step is about, in the author's own words: (what, more)."""
    spec = step.spec
    if isinstance(spec, Choosing):
        return spec.placement, ", ".join(spec.via)
    if isinstance(spec, Sending):
        return spec.message, ", ".join(spec.via)
    if isinstance(spec, Span):
        return spec.text, ""
    if isinstance(spec, Awaited):
        return spec.event, spec.up_to.text
    if isinstance(spec, Until):
        return spec.moment.text, ""
    if isinstance(spec, Fork):
        lines = [line.text for line in spec.conditions]
        return lines[0] if lines else "", "; ".join(lines[1:])
    if isinstance(spec, Called):
        return spec.service, spec.up_to.text
    if isinstance(spec, Again):
        return f"{spec.times}x", "; ".join(line.text for line in spec.until)
    if isinstance(spec, Word):
        return spec.action, ", ".join(spec.placements)
    if isinstance(spec, Emitted):
        return spec.event, ""
    if isinstance(spec, tuple) and spec and isinstance(spec[0], Arm):
        return step.id.partition(":")[2] or step.id, ", ".join(f"{arm.name} {arm.share:.0%}" for arm in spec)
    if isinstance(spec, str):
        return spec, ""
    if isinstance(spec, dict):
        return ", ".join(spec), ""
    return step.id, ""


def beginning(journey: Journey) -> str:
    """What starts a journey, in the author's own words."""
    start = journey.start
    if start.schedule is not None:
        return start.schedule.text
    return start.event or start.enters or start.leaves
