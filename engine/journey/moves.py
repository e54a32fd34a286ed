"""A release that takes people along: who stands at a step of an older version goes on at a step of the newest."""

from __future__ import annotations

from engine.journey.runs import exit_by_past, exit_by_state, go
from engine.journey.walk import Walk
from engine.model.flow import OUT
from engine.model.plan import Journey, Move
from engine.model.profile import Enrolment
from engine.model.record import Reason


def take_along(walk: Walk) -> None:
    """Move every enrolment that the newest version of its journey has a place for.

    Not while its journey is paused or a message that it waits for is being sent: it is looked at again then.
    """
    for run in list(walk.profile.enrolments.values()):
        newest = walk.plan.journeys.get(run.journey)
        if newest is None or not newest.moves or run.version == newest.version:
            continue
        move = newest.moves.get(run.step)
        if move is None or run.held is not None or walk.flags.pauses(run.journey):
            continue
        message = walk.profile.messages.get(run.waits_on)
        if message is None or message.status != "sending":
            _move(walk, run, newest, move)


def _move(walk: Walk, run: Enrolment, newest: Journey, move: Move) -> None:
    reason = Reason("map", f"from {run.step}", str(move.place))
    message = walk.profile.messages.pop(run.waits_on, None)
    if message is not None and not message.call:
        walk.record("cancelled", run=run, message=message, reason=reason, channel=message.queue)
    walk.count(run.journey, run.version, OUT, run.step, "", run.held_out)
    run.version, run.step = newest.version, move.to
    run.due, run.waits_on = None, ""
    walk.record("moved", run=run, reason=reason)
    if exit_by_past(walk, run, _first(walk, run, newest), "before the release") or exit_by_state(walk, run):
        return
    step = newest.steps[move.to]
    run.visits[step.id] = run.visits.get(step.id, 0) + 1
    go(walk, run, step.verb.take_over(step, walk, run))


def _first(walk: Walk, run: Enrolment, journey: Journey) -> str:
    """The id of the event that started it, which is no goal of its own."""
    for past in walk.profile.history.get(journey.start.event, ()):
        if past.at == run.start_at and past.data == run.start:
            return past.id
    return ""
