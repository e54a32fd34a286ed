"""What one event does: to the state, to enrolments that run or wait, to journeys that start by it."""

from __future__ import annotations

from engine.journey.apply import apply_event
from engine.journey.arrived import arrived
from engine.journey.messages import close, reported, requeue
from engine.journey.offers import heed_outcome
from engine.journey.prompts import withdraw
from engine.journey.runs import exit_by_event, exit_by_state, go
from engine.journey.shown import react_to
from engine.journey.starts import cancel_idles, move_schedules, start_by_event
from engine.journey.walk import Walk
from engine.model.event import ACTION_OUTCOME, Event
from engine.model.record import Reason
from engine.policy.suppression import refresh, refused_by_suppression
from engine.policy.wallclock import customer_zone


def process(walk: Walk, event: Event) -> None:
    """Process one event within `walk`."""
    profile, plan = walk.profile, walk.plan
    walk.event, walk.depth = event, event.depth
    walk.late = event.received - event.at > plan.policies.max_lateness
    if event.note:
        walk.record("flagged", reason=Reason("event", f"{event.name} {event.id}: {event.note}"))
    zone = customer_zone(profile, plan.policies)
    for said in apply_event(profile, plan.vocabulary, event, late=walk.late):
        walk.say(said)
    if customer_zone(profile, plan.policies) != zone:
        ask_again(walk)
        move_schedules(walk, zone)
    suppress(walk, event.received)
    arrived(walk, event)
    reported(walk, event)
    if event.name == ACTION_OUTCOME:
        heed_outcome(walk, event)
    for run in list(profile.enrolments.values()):
        if exit_by_event(walk, run, event) or exit_by_state(walk, run) or walk.late:
            continue
        wake(walk, run.id, event)
    if profile.prompts:
        react_to(walk, event)
    cancel_idles(walk, event)
    if walk.late:
        if plan.starts.get(event.name):
            walk.record("flagged", reason=Reason("too_late", f"{event.name} {event.id} starts nothing"))
        return
    for journey in plan.starts.get(event.name, ()):
        start_by_event(walk, journey, event)


def ask_again(walk: Walk) -> None:
    """The customer's clock has changed: what is held for the night is looked at again, never earlier than now."""
    for message in walk.profile.messages.values():
        if message.status == "held" and message.journey not in walk.profile.frozen:
            message.due, message.status = None, "planned"
            requeue(walk, message, message.queue, walk.now)


def wake(walk: Walk, run_id: str, event: Event) -> None:
    """Tell an enrolment that stands still of an event: its verb may go on."""
    run = walk.profile.enrolments.get(run_id)
    journey = walk.journey(run) if run is not None else None
    step = journey.steps.get(run.step) if run is not None and journey is not None else None
    if run is None or step is None or run.waits_on or run.held is not None:
        return
    due = run.due
    if walk.flags.pauses(run.journey):
        run.due = None  # its clock stands still: what comes meanwhile is not too late
    then = step.verb.on_event(step, walk, run, event)
    if then is not None:
        go(walk, run, then)
    else:
        run.due = due


def suppress(walk: Walk, changed: int | None = None) -> None:
    """Refresh suppressions; planned and held messages they forbid are cancelled, not delayed, and prompts taken back.

    `changed` is when the state last changed (epoch ms; None: now).
    """
    policies = walk.plan.policies
    if not policies.suppress:
        return
    refresh(walk.profile, policies, walk.scope(), changed)
    for message in list(walk.profile.messages.values()):
        # what is out already stays out; its next channel is asked for when it is due
        if message.call or message.status in ("sending", "left"):
            continue
        purpose = policies.purpose(message.purpose)
        refusal = refused_by_suppression(walk.profile, policies, purpose, walk.now, walk.scope())
        if refusal is not None:
            close(walk, message, "refused", refusal.reason, place=refusal.place)
    for prompt in list(walk.profile.prompts):
        known = policies.purposes.get(prompt.purpose)  # of one from before it was kept, nobody knows
        refusal = refused_by_suppression(walk.profile, policies, known, walk.now, walk.scope()) if known else None
        if refusal is not None:
            withdraw(walk, prompt, refusal.reason)
