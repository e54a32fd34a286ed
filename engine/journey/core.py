"""The core: one event or the passing of time, and what follows from it.

(plan, profile, event or instant) -> Walk with the new profile, outbox rows and records. No clock, no
input or output, no chance: the simulator, the tests and production call exactly this.
"""

from __future__ import annotations

from engine.journey.apply import apply_event
from engine.journey.runs import end, exit_by_event, exit_by_state, go
from engine.journey.settle import close, requeue
from engine.journey.starts import cancel_idles, idle_over, start_by_event
from engine.journey.walk import NO_FLAGS, Walk
from engine.model.event import Event
from engine.model.plan import Flags, Plan
from engine.model.profile import Profile
from engine.model.record import Reason
from engine.policy.suppression import refresh, refused_by_suppression

# More timers than this for one customer at one instant is a loop; the rest waits for the next call.
MOST_TIMERS = 1_000


def handle_event(plan: Plan, profile: Profile, event: Event, now: int, flags: Flags = NO_FLAGS) -> Walk:
    """Apply one event (already known not to be a repeat) to one customer at engine time `now` (epoch ms).

    Order: state; what it suppresses; exits; waits; starts. An event older than `max_lateness` changes
    state and still exits enrolments, but starts none and satisfies no wait.
    """
    walk = Walk(plan, profile, now, flags)
    walk.event = event
    walk.late = event.received - event.at > plan.policies.max_lateness
    if event.note:
        walk.record("flagged", reason=Reason("event", f"{event.name} {event.id}: {event.note}"))
    apply_event(profile, plan.vocabulary, event)
    _suppress(walk)
    for run in list(profile.enrolments.values()):
        if exit_by_event(walk, run, event) or exit_by_state(walk, run) or walk.late:
            continue
        _wake_by_event(walk, run.id, event)
    cancel_idles(walk, event)
    if walk.late:
        if plan.starts.get(event.name):
            walk.record("flagged", reason=Reason("too_late", f"{event.name} {event.id} starts nothing"))
        return walk
    for journey in plan.starts.get(event.name, ()):
        start_by_event(walk, journey, event)
    return walk


def _wake_by_event(walk: Walk, run_id: str, event: Event) -> None:
    run = walk.profile.enrolments.get(run_id)
    journey = walk.journey(run) if run is not None else None
    step = journey.steps.get(run.step) if run is not None and journey is not None else None
    if run is None or step is None or run.waits_on:
        return
    then = step.verb.on_event(step, walk, run, event)
    if then is not None:
        go(walk, run, then)


def _suppress(walk: Walk) -> None:
    """Refresh suppressions; planned and held messages they forbid are cancelled, not delayed."""
    policies = walk.plan.policies
    if not policies.suppress:
        return
    refresh(walk.profile, policies, walk.scope())
    for message in list(walk.profile.messages.values()):
        refusal = refused_by_suppression(
            walk.profile, policies, policies.purposes[message.purpose], walk.now, walk.scope()
        )
        if refusal is None or message.status == "sending":
            continue
        close(walk, message, "refused", refusal.reason, place=refusal.place)


def handle_timers(plan: Plan, profile: Profile, now: int, flags: Flags = NO_FLAGS) -> Walk:
    """Everything of one customer that is due at engine time `now`, by due time, then id."""
    walk = Walk(plan, profile, now, flags)
    if any(until and until <= now for until in profile.suppressed.values()):
        _suppress(walk)
    for _ in range(MOST_TIMERS):
        due = min(_due(walk), default=None)
        if due is None:
            break
        _fire(walk, due[1], due[2])
    return walk


def _due(walk: Walk) -> list[tuple[int, str, str]]:
    profile, now = walk.profile, walk.now
    found = [(idle.due, f"i{name}", name) for name, idle in profile.idles.items() if idle.due <= now]
    found += [
        (run.due, f"r{run.id}", run.id) for run in profile.enrolments.values() if run.due is not None and run.due <= now
    ]
    found += [(m.due, f"m{m.id}", m.id) for m in profile.messages.values() if m.due is not None and m.due <= now]
    return found


def _fire(walk: Walk, kind: str, name: str) -> None:
    if kind[0] == "i":
        idle_over(walk, name)
    elif kind[0] == "m":
        message = walk.profile.messages[name]
        message.due, message.status = None, "planned"
        requeue(walk, message, message.queue, walk.now)
    else:
        run = walk.profile.enrolments[name]
        run.due = None
        if exit_by_state(walk, run):
            return
        journey = walk.journey(run)
        step = journey.steps.get(run.step) if journey is not None else None
        if step is None:
            end(walk, run, Reason("lost_step", f"'{run.step}' is in no version that is still known"))
            return
        go(walk, run, step.verb.on_timer(step, walk, run))
