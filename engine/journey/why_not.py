"""Why a journey has not started for a customer: every condition of a start, asked again now."""

from __future__ import annotations

from dataclasses import dataclass

from engine.journey.starts import may_again
from engine.journey.walk import Walk
from engine.model.condition import Condition, Scope
from engine.model.flags import Flags
from engine.model.plan import Journey, Plan
from engine.model.problem import Place
from engine.model.profile import Past, Profile
from engine.policy.wallclock import iso


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that a start needs: `holds` says whether it is so, `seen` what was seen."""

    rule: str
    text: str
    holds: bool
    seen: str
    place: Place


def why_not(plan: Plan, profile: Profile, journey: Journey, now: int, flags: Flags) -> list[Answer]:
    """What a start of `journey` needs and how it stands at engine time `now`, in the order in which it is asked.

    The conditions are asked with the last start event there was, and with the customer as known now.
    """
    walk = Walk(plan, profile, now, flags)
    last = _last(profile, journey)
    found = [_cause(walk, journey, last)]
    if journey.name in flags.killed | flags.paused or "*" in flags.killed | flags.paused:
        found.append(Answer("operator", "not paused, not killed", False, "an operator has stopped it", journey.place))
    view = last.data if last is not None else {}
    key = str(view.get(journey.start.key) or "") if journey.start.key else ""
    running = [run for run in profile.enrolments.values() if run.journey == journey.name]
    mine = next((run for run in running if run.key == key), None)
    seen = f"one runs since {iso(mine.started)}" if mine is not None else "none runs"
    found.append(Answer("running", "no run of the same key", mine is None, seen, journey.place))
    if journey.max_concurrent is not None:
        room = len(running) < journey.max_concurrent
        text = f"fewer than {journey.max_concurrent} runs at once"
        found.append(Answer("max_concurrent", text, room, f"{len(running)} now", journey.place))
    ended = profile.ended.get(f"{journey.name}|{key}")
    seen = f"the last one ended {iso(ended.at)} ({ended.reason})" if ended is not None else "it has never run"
    found.append(Answer("again", f"again: {journey.again.text}", may_again(walk, journey, key), seen, journey.place))
    scope = walk.scope(view, view, key, skip=last.id if last is not None else "")
    found += [_asked("audience", line, scope) for line in journey.start.audience]
    found += [_asked("only_if", line, scope) for line in journey.start.only_if]
    return found


def _last(profile: Profile, journey: Journey) -> Past | None:
    past = profile.history.get(journey.start.event) if journey.start.event else None
    return past[-1] if past else None


def _asked(rule: str, line: Condition, scope: Scope) -> Answer:
    return Answer(rule, line.text, line.holds(scope), line.why(scope), line.place)


def _cause(walk: Walk, journey: Journey, last: Past | None) -> Answer:
    """What brings the start about: has it happened?"""
    start, profile = journey.start, walk.profile
    if start.event:
        if last is None:
            return Answer("start", start.event, False, f"no {start.event} is known of this customer", start.place)
        seen = f"the last one was {iso(last.at)} ({last.id})"
        waits = next((idle for idle in profile.idles.values() if idle.journey == journey.name), None)
        if waits is not None:
            return Answer("idle_for", start.event, False, f"{seen}; it starts at {iso(waits.due)}", start.place)
        if start.key and last.data.get(start.key) is None:
            return Answer("key", f"{start.event} with {start.key}", False, f"{seen}, without {start.key}", start.place)
        return Answer("start", start.event, True, seen, start.place)
    segment = start.enters or start.leaves
    if segment:
        since = profile.segments.get(segment)
        seen = f"in it since {iso(since)}" if since is not None else "not in it"
        wanted = (since is not None) == bool(start.enters)
        return Answer("start", f"{'enters' if start.enters else 'leaves'} {segment}", wanted, seen, start.place)
    if start.schedule is not None:
        due = profile.schedules.get(journey.name)
        seen = f"the next look is at {iso(due)}" if due is not None else "no look is planned"
        return Answer("start", f"schedule {start.schedule.text}", due is not None, seen, start.place)
    return Answer("start", "a request", True, "starts when it is asked for", start.place)
