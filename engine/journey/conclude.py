"""What follows once a decision is made: emitted events, segments entered and left, the next look at time."""

from __future__ import annotations

from engine.journey.cases import expire_cases, next_expiry
from engine.journey.react import process, suppress
from engine.journey.runs import exit_by_state
from engine.journey.starts import plan_schedules, start_by_segment
from engine.journey.stops import freeze
from engine.journey.walk import Walk
from engine.model.condition import Timed
from engine.model.record import Reason

# Segments that keep changing one another are a mistake that would never end.
MOST_ROUNDS = 50


def conclude(walk: Walk) -> Walk:
    """Bring everything that depends on the state up to date; `walk` itself."""
    profile = walk.profile
    for _ in range(MOST_ROUNDS):
        over = any(until and until <= walk.now for until in profile.suppressed.values())
        if over or (profile.recheck is not None and profile.recheck <= walk.now):
            suppress(walk, expire_cases(walk))
            profile.recheck = None
            for run in list(profile.enrolments.values()):
                exit_by_state(walk, run)
        emitted, walk.emitted = walk.emitted, []
        for event in emitted:
            process(walk, event)
        if not _segments(walk) and not walk.emitted:
            break
    else:
        walk.emitted.clear()
        walk.record("flagged", reason=Reason("runaway", f"{MOST_ROUNDS} rounds of segments and emitted events"))
    plan_schedules(walk)
    freeze(walk)
    profile.recheck = _recheck(walk)
    return walk


def _segments(walk: Walk) -> bool:
    """Bring the segments up to date and start what their change starts; whether anything changed."""
    profile, changed = walk.profile, False
    if not walk.plan.segments:
        return False
    for segment in walk.plan.segments:
        holds = all(line.holds(walk.scope()) for line in segment.lines)
        inside = segment.name in profile.segments
        if holds == inside:
            continue
        changed = True
        if holds:
            profile.segments[segment.name] = walk.now
        else:
            del profile.segments[segment.name]
        why = segment.lines[0].why(walk.scope()) if segment.lines else ""
        reason = Reason(f"segment {segment.name}", why, str(segment.place))
        walk.record("entered" if holds else "left", reason=reason)
        for journey in walk.plan.by_segment.get(("enters" if holds else "leaves", segment.name), ()):
            start_by_segment(walk, journey, segment.name)
    return changed


def _recheck(walk: Walk) -> int | None:
    """When a condition may change by time alone: something leaves a look-back window then, or a case expires."""
    timed = set(walk.plan.timed)
    for run in walk.profile.enrolments.values():
        journey = walk.journey(run)
        if journey is not None:
            timed |= journey.timed
    found = [at for each in timed if (at := _leaves(walk, each)) is not None]
    expiry = next_expiry(walk)
    return min(found if expiry is None else [*found, expiry], default=None)


def _leaves(walk: Walk, timed: Timed) -> int | None:
    """When the oldest event in a window leaves it, or history covers it at last (epoch ms)."""
    covered = timed.since + timed.window if timed.since is not None else 0
    for past in walk.profile.history.get(timed.event, ()):
        if past.at > walk.now - timed.window:
            return min(past.at + timed.window, covered) if covered > walk.now else past.at + timed.window
    return covered if covered > walk.now else None
