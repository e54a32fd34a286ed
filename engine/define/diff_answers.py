"""What a release does to answers that are under way: offers on the table, offers that stay the answer, beliefs."""

from __future__ import annotations

from collections.abc import Iterator

from engine.journey.steps.send import Choosing
from engine.model.action import Action
from engine.model.plan import Plan


def aftermath(old: Plan, new: Plan) -> tuple[str, ...]:
    """What becomes of what was said and is to be said, a sentence each, by name."""
    found = [line for name in sorted({*old.actions, *new.actions}) for line in _action(old, new, name)]
    found += [line for name in sorted({*old.placements} - {*new.placements}) for line in _placement(old, new, name)]
    if found or old.rules_version != new.rules_version:
        found.append("Who asks a second time today may get another answer: the chance in answers is drawn anew.")
    return tuple(found)


def _action(old: Plan, new: Plan, name: str) -> Iterator[str]:
    was, now = old.actions.get(name), new.actions.get(name)
    if was is not None and now is None:
        yield (
            f"{name} is gone: off the table where journeys suggest it, no answer any more where it was shown; "
            "that it was shown still counts in the caps of the policies."
        )
    elif was is None and now is not None and now.propensity.learn:
        yield f"{name} is new and learns: it begins as written, or at the mean of the {now.purpose} actions."
    elif was is not None and now is not None:
        yield from _changed(was, now)


def _changed(was: Action, now: Action) -> Iterator[str]:
    if gone := sorted(was.placements - now.placements):
        left = ", ".join(gone)
        yield f"{now.name} leaves {left}: it is no answer there any more, unless a journey suggests it for there."
    if was.message != now.message:
        new, old = now.message, was.message
        yield f"{now.name} says {new} instead of {old}; who was shown {old} keeps its words while it stays the answer."
    if was.purpose != now.purpose:
        yield f"{now.name} is {now.purpose}, no longer {was.purpose}: consent, caps and suppression are asked for that."
    if was.propensity.learn and not now.propensity.learn:
        yield f"{now.name} learns no more: what was learned of it is kept, and not used."


def _placement(old: Plan, new: Plan, name: str) -> Iterator[str]:
    yield f"{name} is gone: who asks for it is refused, and what journeys have put on the table for it lies nowhere."
    journeys = sorted(
        journey.name
        for journey in old.journeys.values()
        if any(isinstance(step.spec, Choosing) and step.spec.placement == name for step in journey.steps.values())
    )
    if journeys:
        yield f"{', '.join(journeys)}: whoever is inside and comes to 'send_best: {name}' is sent nothing."
