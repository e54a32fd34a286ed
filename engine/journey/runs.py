"""Enrolments on the move: going from step to step, and ending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.journey.prompts import withdraw_of
from engine.journey.steps.step import Exit, Go, Next
from engine.journey.table import clear_table
from engine.journey.walk import Walk
from engine.model.condition import Match, Scope
from engine.model.event import Event
from engine.model.flow import PASSED
from engine.model.message import Message
from engine.model.plan import Journey
from engine.model.profile import Ended, Enrolment, Idle, Past
from engine.model.record import Kind, Reason
from engine.model.span import DAY

# More steps than this without a wait is a mistake that would never end.
MOST_STEPS = 1_000
# How an enrolment ends that has done its last step: with a word to the customer, or with nobody to be reached.
WENT_THROUGH = ("completed", "no_channel")
# How many ended runs of keyed journeys are remembered before those of no further use are forgotten.
MANY_ENDED = 200
FORGET_ENDED = 400 * DAY


def go(walk: Walk, run: Enrolment, then: Next) -> None:
    """Carry out what a verb said, and every step after it, until the enrolment stands still or ends.

    While its journey is paused nobody goes to another step: it is remembered where.
    """
    journey = walk.journey(run)
    steps = 0
    while isinstance(then, Go):
        if walk.flags.pauses(run.journey):
            run.held, run.due, run.waits_on = then.step, None, ""
            return None
        walk.count(run.journey, run.version, PASSED, run.step, then.step)
        if not then.step:
            run.step, run.due, run.waits_on = "", None, ""
            return finish(walk, run)
        if steps == MOST_STEPS:
            return end(walk, run, Reason("runaway", f"{MOST_STEPS} steps without a wait"))
        step = journey.steps.get(then.step) if journey is not None else None
        if step is None:
            return end(walk, run, Reason("lost_step", f"'{then.step}' is in no version that is still known"))
        run.step, run.since, run.due, run.waits_on = step.id, walk.now, None, ""
        run.visits[step.id] = run.visits.get(step.id, 0) + 1
        then = step.verb.run(step, walk, run)
        if not step.verb.tells:
            walk.came_to(run, step)
        steps += 1
    return end(walk, run, then.reason) if isinstance(then, Exit) else None


def finish(walk: Walk, run: Enrolment | None) -> None:
    """End an enrolment that has done its last step, as soon as no message of it is under way any more."""
    if run is None or run.step or run.held is not None or run.id not in walk.profile.enrolments:
        return
    mine = [m for m in walk.profile.messages.values() if m.enrolment == run.id]
    if all(message.status == "left" and message.due is None for message in mine):
        end(walk, run, Reason("no_channel", run.silent) if run.silent else Reason("completed"))


def end(walk: Walk, run: Enrolment, reason: Reason) -> None:
    """End an enrolment: nothing it planned leaves any more. The reason is kept."""
    if reason.rule not in WENT_THROUGH:
        clear_table(walk, run)
        if walk.profile.prompts:
            withdraw_of(walk, run, reason)
    for message in [m for m in walk.profile.messages.values() if m.enrolment == run.id]:
        if message.status == "sending":  # what becomes of it is still told and counted where it belongs
            message.version, message.key = run.version, run.key
            continue
        del walk.profile.messages[message.id]
        if message.status == "left" or message.call:
            continue
        kind: Kind = "unknown" if message.unsure else "cancelled"
        walk.record(kind, run=run, message=message, reason=reason, channel=message.queue)
    walk.record("ended", run=run, reason=reason)
    walk.profile.enrolments.pop(run.id, None)
    ended = walk.profile.ended
    ended[f"{run.journey}|{run.key}"] = Ended(walk.now, run.entry, reason.rule)
    if len(ended) > MANY_ENDED:
        _forget(walk)


def _forget(walk: Walk) -> None:
    """Drop ended runs that no `again` can ask about. 'Never' is permanent."""
    for name, past in list(walk.profile.ended.items()):
        journey = walk.plan.journeys.get(name.split("|", 1)[0])
        after = journey.again.after if journey is not None else None
        if after is not None and past.at < walk.now - max(after, FORGET_ENDED):
            del walk.profile.ended[name]


def matched(match: Match, event: Event, scope: Scope) -> bool:
    """Does this event fit a line of `goal` or `stop_if`? `scope.event` is the event's view."""
    return match.event == event.name and (match.where is None or match.where.holds(scope))


def exit_by_event(walk: Walk, run: Enrolment, event: Event) -> bool:
    """End `run` when `event` is its goal or stops it. Only what happened since its start counts."""
    journey = walk.journey(run)
    if journey is None or event.at < run.last_start:
        return False
    found = hit(journey, event, walk.scope(run.start, event.view(), run.key))
    if found is None:
        return False
    rule, match = found
    late = run.left and event.at < run.left
    observed = f"{match.text} ({event.id}{', late_exit: it happened before the last message left' if late else ''})"
    end(walk, run, Reason(rule, observed, str(match.place)))
    return True


def exit_by_past(walk: Walk, run: Enrolment, skip: str, when: str = "before the start") -> bool:
    """End `run` when what ends it happened since its start but came `when`. `skip` is the event that started it."""
    journey = walk.journey(run)
    found = hit_by_past(walk, journey, run, walk.profile.history, skip) if journey is not None else None
    if found is None:
        return False
    rule, line, past = found
    end(walk, run, Reason(rule, f"{line.text} ({past.id}, it came {when})", str(line.place)))
    return True


def hit_by_past(
    walk: Walk, journey: Journey, run: Enrolment | Idle, history: Mapping[str, Sequence[Past]], skip: str = ""
) -> tuple[str, Match, Past] | None:
    """What of `history` ends `run` (or cancels its start): rule, line and the event. `skip` is an event's id."""
    since, start = (run.last_start, run.start) if isinstance(run, Enrolment) else (run.at, run.view)
    for rule, lines in (("goal", journey.goal), ("stop_if", journey.stop_if)):
        for line in lines:
            for past in reversed(history.get(line.event, ())):
                if past.at < since:
                    break
                if past.id == skip:
                    continue
                if line.where is None or line.where.holds(walk.scope(start, past.data, run.key)):
                    return rule, line, past
    return None


def hit(journey: Journey, event: Event, scope: Scope) -> tuple[str, Match] | None:
    """The line of `goal` or `stop_if` that this event fits, with the name of its list."""
    for match in journey.goal:
        if match.event and matched(match, event, scope):
            return "goal", match
    for match in journey.stop_if:
        if match.event and matched(match, event, scope):
            return "stop_if", match
    return None


def exit_reason(walk: Walk, run: Enrolment) -> Reason | None:
    """The condition of `goal` or `stop_if` that holds now, if any."""
    journey = walk.journey(run)
    if journey is None:
        return None
    scope: Scope | None = None
    for rule, lines in (("goal", journey.goal), ("stop_if", journey.stop_if)):
        for line in lines:
            if line.condition is None:
                continue
            scope = scope or walk.run_scope(run)
            if line.condition.holds(scope):
                return Reason(rule, f"{line.text}: {line.condition.why(scope)}", str(line.place))
    return None


def exit_by_state(walk: Walk, run: Enrolment) -> bool:
    """End `run` when one of its conditions has come true."""
    reason = exit_reason(walk, run)
    if reason is None:
        return False
    end(walk, run, reason)
    return True


def resume(walk: Walk, message: Message) -> None:
    """A message has come to its end: the enrolment that stood still for it goes on."""
    run = walk.profile.enrolments.get(message.enrolment)
    if run is None or run.waits_on != message.id:
        return
    journey = walk.journey(run)
    step = journey.steps.get(run.step) if journey is not None else None
    go(walk, run, Go(step.next if step is not None else ""))
