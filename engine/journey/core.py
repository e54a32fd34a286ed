"""The core: one event or the passing of time, and what follows from it.

(plan, profile, event or instant) -> Walk with the new profile, outbox rows and records. No clock, no
input or output, no chance: the simulator, the tests and production call exactly this.
"""

from __future__ import annotations

from engine.journey.conclude import conclude
from engine.journey.messages import try_next
from engine.journey.moves import take_along
from engine.journey.night import let_go
from engine.journey.react import process
from engine.journey.runs import end, exit_by_state, go
from engine.journey.starts import idle_over, start_by_schedule
from engine.journey.stops import heed
from engine.journey.walk import Walk
from engine.model.event import Event
from engine.model.flags import NO_FLAGS, Flags
from engine.model.plan import Plan
from engine.model.profile import Profile
from engine.model.record import Reason

# More timers than this for one customer at one instant is a loop; the rest waits for the next call.
MOST_TIMERS = 1_000


def handle_event(plan: Plan, profile: Profile, event: Event, now: int, flags: Flags = NO_FLAGS) -> Walk:
    """Apply one event (already known not to be a repeat) to one customer at engine time `now` (epoch ms).

    Order: state; what it suppresses; exits; waits; starts; events emitted by steps; segments. An event older
    than `max_lateness` changes state and still exits enrolments, but starts none and satisfies no wait.
    """
    walk = Walk(plan, profile, now, flags)
    heed(walk)
    take_along(walk)
    process(walk, event)
    return conclude(walk)


def handle_timers(plan: Plan, profile: Profile, now: int, flags: Flags = NO_FLAGS) -> Walk:
    """Everything of one customer that is due at engine time `now`, by due time, then id."""
    walk = Walk(plan, profile, now, flags)
    heed(walk)
    take_along(walk)
    let_go(walk)
    conclude(walk)
    for _ in range(MOST_TIMERS):
        due = min(_due(walk), default=None)
        if due is None:
            break
        _fire(walk, due[1], due[2])
        conclude(walk)
    return walk


def _due(walk: Walk) -> list[tuple[int, str, str]]:
    profile, now, still = walk.profile, walk.now, walk.profile.frozen
    found = [
        (idle.due, f"i{name}", name)
        for name, idle in profile.idles.items()
        if idle.due <= now and idle.journey not in still
    ]
    found += [
        (run.due, f"r{run.id}", run.id)
        for run in profile.enrolments.values()
        if run.due is not None and run.due <= now and run.journey not in still
    ]
    found += [(due, f"s{name}", name) for name, due in profile.schedules.items() if due <= now]
    found += [
        (m.due, f"m{m.id}", m.id)
        for m in profile.messages.values()
        if m.due is not None and m.due <= now and m.journey not in still
    ]
    return found


def _fire(walk: Walk, kind: str, name: str) -> None:
    if kind[0] == "i":
        idle_over(walk, name)
    elif kind[0] == "s":
        start_by_schedule(walk, name)
    elif kind[0] == "m":
        try_next(walk, walk.profile.messages[name])
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
