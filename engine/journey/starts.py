"""Starting journeys: at once, or when the customer has been silent for long enough."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from engine.journey.runs import exit_by_past, go, hit
from engine.journey.steps.step import Go
from engine.journey.walk import Walk
from engine.model.event import FROM_CATALOG, Event
from engine.model.ids import enrolment_id
from engine.model.plan import Journey
from engine.model.profile import Enrolment, Idle
from engine.model.record import Reason
from engine.policy.bucket import held_out
from engine.policy.moments import next_time
from engine.policy.wallclock import add, customer_zone, to_instant, to_local

# The property of a request that a broadcast makes: its id.
BROADCAST = "broadcast"


def cancel_idles(walk: Walk, event: Event) -> None:
    """A goal or a `stop_if` event during the silence cancels the start."""
    for name, idle in list(walk.profile.idles.items()):
        journey = walk.plan.journeys.get(idle.journey)
        if journey is None or event.at < idle.at:
            continue
        scope = walk.scope(idle.view, event.view(), idle.key)
        if hit(journey, event, scope) is not None:
            del walk.profile.idles[name]


def start_by_event(walk: Walk, journey: Journey, event: Event) -> None:
    """What a start event does: set the silence clock (back), or start an enrolment."""
    view = event.view()
    key = ""
    if _killed(walk, journey, f"{event.name} {event.id}"):
        return
    if journey.start.key:
        value = view.get(journey.start.key)
        if value is None:
            return
        key = str(value)
    span = journey.start.idle_for
    if span is None:
        crowd = journey.start.request and BROADCAST in event.properties
        bulk = crowd or event.id.startswith(FROM_CATALOG)
        _enrol(walk, journey, key, event.id, event.at, view, bulk=bulk)
        return
    name = f"{journey.name}|{key}"
    old = walk.profile.idles.get(name)
    if old is not None and old.at > event.at:
        return
    due = add(event.at, span, customer_zone(walk.profile, walk.plan.policies))
    walk.profile.idles[name] = Idle(journey.name, key, max(due, walk.now), event.id, event.at, view, walk.now)


def start_by_segment(walk: Walk, journey: Journey, segment: str) -> None:
    """The customer has entered or left the segment that starts `journey`."""
    view = {"event": f"segment {segment}", "at": walk.now}
    _enrol(walk, journey, "", walk.event.id if walk.event is not None else "", walk.now, view)


def plan_schedules(walk: Walk) -> None:
    """See to it that each journey that starts by schedule has its next look at this customer."""
    schedules = walk.profile.schedules
    for name in [name for name in schedules if name not in walk.plan.schedules]:
        del schedules[name]
    for name, journey in walk.plan.schedules.items():
        if name not in schedules:
            schedules[name] = _next_look(walk, journey, walk.now)


def move_schedules(walk: Walk, left: str) -> None:
    """The customer's zone is not `left` any more: a moment on their own clock keeps its day and time, on the new clock.

    What has passed there already comes at once; what has been is not had twice.
    """
    zone = customer_zone(walk.profile, walk.plan.policies)
    for name, due in walk.profile.schedules.items():
        journey = walk.plan.schedules.get(name)
        if journey is not None and journey.start.local:
            midnight = datetime.combine(to_local(due, left).date(), time())
            walk.profile.schedules[name] = max(_next_look(walk, journey, to_instant(midnight, zone)), walk.now)


def _next_look(walk: Walk, journey: Journey, after: int) -> int:
    policies = walk.plan.policies
    zone = customer_zone(walk.profile, policies) if journey.start.local else policies.timezone
    assert journey.start.schedule is not None
    return next_time(journey.start.schedule, after, zone)


def start_by_schedule(walk: Walk, name: str) -> None:
    """A scheduled moment has come: start the journey if the customer is in its audience."""
    journey, due = walk.plan.schedules[name], walk.profile.schedules.pop(name)
    walk.profile.schedules[name] = _next_look(walk, journey, walk.now + 1)
    if walk.now - due > walk.plan.policies.max_lateness:
        return
    view = {"event": f"schedule {name}", "at": walk.now}
    scope = walk.scope(view, view)
    if all(line.holds(scope) for line in journey.start.audience):
        _enrol(walk, journey, "", "", walk.now, view, bulk=True)


def idle_over(walk: Walk, name: str) -> None:
    """The silence was long enough: `only_if` is asked now, with the last event."""
    idle = walk.profile.idles.pop(name)
    journey = walk.plan.journeys.get(idle.journey)
    if journey is not None:
        _enrol(walk, journey, idle.key, idle.event, idle.at, idle.view)


def _enrol(
    walk: Walk, journey: Journey, key: str, event: str, at: int, view: Mapping[str, Any], *, bulk: bool = False
) -> None:
    profile = walk.profile
    if walk.flags.kills(journey.name):
        return
    running = [run for run in profile.enrolments.values() if run.journey == journey.name]
    if any(run.key == key for run in running):
        return
    if journey.max_concurrent is not None and len(running) >= journey.max_concurrent:
        return
    if not may_again(walk, journey, key):
        return
    scope = walk.scope(view, view, key, skip=event)
    if not all(line.holds(scope) for line in journey.start.only_if):
        return
    last = profile.ended.get(f"{journey.name}|{key}")
    entry = last.entries + 1 if last is not None else 1
    run = Enrolment(
        id=enrolment_id(profile.id, journey.name, key, entry),
        journey=journey.name,
        version=journey.version,
        key=key,
        entry=entry,
        started=walk.now,
        start_at=at,
        start=dict(view),
        event=dict(view),
        bulk=bulk,
        held_out=held_out(profile, journey.name, journey.holdout, walk.plan.policies.global_holdout, walk.now),
    )
    profile.enrolments[run.id] = run
    arm = {"arm": run.held_out} if run.held_out else None
    walk.record("started", run=run, place=journey.start.place, extra=arm)
    if not exit_by_past(walk, run, event):
        go(walk, run, Go(journey.first))


def _killed(walk: Walk, journey: Journey, what: str) -> bool:
    """Nothing starts a journey that an operator has killed; that somebody would have is put on record."""
    if not walk.flags.kills(journey.name):
        return False
    walk.record("flagged", reason=Reason("killed", f"{what} starts nothing"), journey=journey.name)
    return True


def may_again(walk: Walk, journey: Journey, key: str) -> bool:
    """May this journey start again? `again` looks at the last exit of the key, or of all keys."""
    again = journey.again
    if again.per_customer:
        prefix = f"{journey.name}|"
        past = [ended for name, ended in walk.profile.ended.items() if name.startswith(prefix)]
    else:
        one = walk.profile.ended.get(f"{journey.name}|{key}")
        past = [one] if one is not None else []
    if not past:
        return True
    return again.after is not None and walk.now - max(ended.at for ended in past) >= again.after
