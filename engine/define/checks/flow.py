"""Where the steps of a journey may lead."""

from __future__ import annotations

from collections.abc import Iterator

from engine.journey.steps.if_ import Fork
from engine.journey.steps.repeat import Again
from engine.journey.steps.send import Choosing
from engine.journey.steps.wait_for import Awaited
from engine.journey.steps.wait_until import Until
from engine.model.plan import Journey, Step
from engine.model.span import DAY

# All others let time pass, or wait for somebody.
INSTANT = ("if", "split", "suggest", "suppress", "update", "emit", "repeat", "stop")


def following(step: Step, *, unaided: bool = False) -> Iterator[str]:
    """Ids of the steps that may come right after `step` ('' = the end); `unaided`: without an event from outside."""
    spec, verb = step.spec, step.verb.name
    if verb == "stop":
        return
    if isinstance(spec, Fork):
        yield from (spec.then, spec.otherwise)
    elif isinstance(spec, Choosing):
        yield from dict.fromkeys((spec.otherwise, step.next))
    elif isinstance(spec, Awaited):
        yield from (spec.timeout,) if unaided else (spec.then, spec.timeout)
    elif isinstance(spec, Until):
        yield spec.then
        if spec.if_past in ("", "skip"):
            yield step.next
    elif verb == "split":
        yield from (arm.then for arm in spec)
        if sum(arm.share for arm in spec) < 0.999999:
            yield step.next
    elif isinstance(spec, Again):
        yield from (spec.first, step.next)
    else:
        blocks = [getattr(spec, name, None) for name in ("then", "timeout", "otherwise")]
        yield from (name for name in blocks if isinstance(name, str))
        if not any(isinstance(name, str) for name in blocks):
            yield step.next


def reached(journey: Journey, *, unaided: bool = False) -> set[str]:
    """Ids of the steps that some customer may come to; `unaided`: without an event from outside."""
    found: set[str] = set()
    ahead = [journey.first, *(() if unaided else (move.to for move in journey.moves.values()))]
    while ahead:
        name = ahead.pop()
        step = journey.steps.get(name)
        if step is None:
            continue
        spec = step.spec
        if isinstance(spec, Again) and not spec.until:
            # it is left only by those whom its steps bring back
            ahead.extend([step.next] if name in found and step.next not in found else [])
            ahead.extend([spec.first] if name not in found else [])
            found.add(name)
        elif name not in found:
            found.add(name)
            ahead.extend(following(step, unaided=unaided))
    return found


def ends_at_once(journey: Journey, step: Step) -> bool:
    """Whether some way from `step` to the end of the journey takes no time."""
    ahead, seen = list(following(step)), set[str]()
    while ahead:
        name = ahead.pop()
        here = journey.steps.get(name)
        if here is None or here.verb.name == "stop":
            return True
        if name not in seen and here.verb.name in INSTANT:
            seen.add(name)
            ahead.extend(following(here))
    return False


def waited(journey: Journey) -> dict[str, int]:
    """Step id -> the least time (ms) that has passed for certain when a customer leaves the step."""
    least: dict[str, int] = {}
    ahead = [(journey.first, 0)]
    while ahead:
        name, before = ahead.pop()
        step = journey.steps.get(name)
        if step is None:
            continue
        after = before + _least(step)
        if name in least and least[name] <= after:
            continue
        least[name] = after
        for then in following(step):
            by_time = isinstance(step.spec, Awaited) and then == step.spec.timeout != step.spec.then
            ahead.append((then, after + (_floor(step.spec.up_to.elapsed) if by_time else 0)))
    return least


def _least(step: Step) -> int:
    return _floor(step.spec.elapsed) if step.verb.name == "wait" else 0


def _floor(elapsed: int) -> int:
    """Days are calendar days: a clock change may take an hour off."""
    return elapsed - DAY // 24 if elapsed >= DAY else elapsed
