"""Prompts on a store's tablets: shown when the store has taken them, withdrawn when there is nothing left to say."""

from __future__ import annotations

from engine.journey.walk import Walk
from engine.model.message import PROMPT_LASTS, STORE, Message
from engine.model.profile import Enrolment, Prompt
from engine.model.record import Reason, Record, Told


def shown(walk: Walk, message: Message) -> None:
    """The store has taken a prompt: remember it while it may be seen. Without its enrolment it is over at once."""
    if message.channel != STORE:
        return
    profile = walk.profile
    store = str(profile.attributes.get(walk.plan.channels[STORE].address, ""))
    until = message.expires if message.expires is not None else walk.now + PROMPT_LASTS
    run = profile.enrolments.get(message.enrolment)
    prompt = Prompt(message.id, message.name, store, until, message.enrolment, message.journey)
    prompt.purpose, prompt.action, prompt.placement = message.purpose, message.action, message.placement
    prompt.step = message.step
    if run is None:
        withdraw(walk, prompt, Reason("exit", "its journey has ended"))
        return
    prompt.version, prompt.key, prompt.start_at, prompt.start = run.version, run.key, run.last_start, run.start
    profile.prompts = [each for each in profile.prompts if each.until > walk.now and each.id != prompt.id] + [prompt]


def withdraw_of(walk: Walk, run: Enrolment, reason: Reason) -> None:
    """Take back what `run` has shown."""
    for prompt in [each for each in walk.profile.prompts if each.enrolment == run.id]:
        withdraw(walk, prompt, reason)


def withdraw(walk: Walk, prompt: Prompt, reason: Reason) -> None:
    """Take one prompt back, if it can still be seen. The record is what removes it from the store's list."""
    profile = walk.profile
    profile.prompts = [each for each in profile.prompts if each.id != prompt.id]
    if prompt.until <= walk.now:
        return
    walk.count(prompt.journey, prompt.version, "withdrawn", prompt.step, reason.rule, STORE)
    made = Record(
        at=walk.now,
        profile=profile.id,
        label=profile.label,
        kind="withdrawn",
        journey=prompt.journey,
        step=prompt.step,
        key=prompt.key,
        message=prompt.message,
        id=prompt.id,
        channel=STORE,
        reason=str(reason),
        place=reason.place,
        extra={"store": prompt.store},
        version=prompt.version,
    )
    walk.records.append(made)
    walk.story.append(Told.of(made))
