"""What is lost while it is learned what customers accept, beside an ideal Thompson sampler, greed and chance."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from heapq import heappop, heappush

from benchmarks.measure import Measure
from benchmarks.samplers import Sampler, regret_of, regret_of_chance
from benchmarks.truth import ACTIONS, SEGMENTS, Truth, Visit
from engine.define.folder import with_shared
from engine.define.workspace import compile_sources
from engine.journey.ask import ask
from engine.journey.core import handle_event
from engine.model.action import Asked
from engine.model.event import Event
from engine.model.flags import Flags
from engine.model.plan import Plan
from engine.model.profile import Profile
from engine.testing.lessons import EVERY, MemoryLessons

STARTS, PRIOR, HALF_LIFE = 0.05, 10.0, 30.0
DECISIONS = 20_000
DICE = 3  # the ideal is the mean of so many lives: one alone may be lucky
_LEARN = f"propensity: {{learn: true, start: {STARTS}}}"
SOURCES = {
    "journeys/vocabulary.yaml": """
vocabulary:
  identifiers: {customer_id: strong}
  events: {grouped: {properties: {group: text}}}
  customer: {group: {from: grouped.group}}
""",
    "journeys/segments.yaml": "segments:\n"
    + "".join(f"  {name}: customer.group is {name}\n" for name in SEGMENTS if name),
    "journeys/policies.yaml": f"""
policies:
  timezone: UTC
  purposes: {{marketing: {{}}}}
  learning: {{half_life: {HALF_LIFE:g}d, prior: {PRIOR:g}, segments: [{", ".join(name for name in SEGMENTS if name)}]}}
""",
    "journeys/placements.yaml": "placements: {web.home: {}}\n",
    "journeys/actions.yaml": "actions:\n"
    + "".join(
        f"  {name}: {{purpose: marketing, message: hello, placements: [web.home], {_LEARN}}}\n" for name in ACTIONS
    ),
    "journeys/hello.yaml": """
journey: hello
purpose: marketing
start: {event: grouped}
steps: [{send: hello, via: email}]
""",
    "templates/messages/hello.j2": "{% extends layout %}{% block headline %}Hello{% endblock %}"
    "{% block subject %}Hello{% endblock %}{% block summary %}Hello.{% endblock %}",
}


@cache
def _plan() -> Plan:
    return compile_sources(with_shared(SOURCES)).sound().plan


def learning(scale: float) -> list[Measure]:
    """Regret after 20,000 decisions: acceptances that the best action for each customer would have brought more."""
    count = int(DECISIONS * scale)
    month = [Truth(seed, days=30.0, visits=count) for seed in (1, 2)]
    apart = [Truth(seed, days=30.0, visits=count, alike=False) for seed in (2, 3)]
    hours = [Truth(4, days=1 / 12, visits=count, answers=120_000)]
    return [
        _measure(f"regret, {count:,} decisions in a month", month, "answers take 10 minutes"),
        _measure("  segments that have nothing in common", apart, "answers take 10 minutes"),
        _measure("  as many decisions in two hours", hours, "answers take 2 minutes"),
    ]


def _measure(name: str, truths: list[Truth], note: str) -> Measure:
    ideal = _mean(
        [regret_of(_sampler(truth, draws=True, dice=dice), truth) for truth in truths for dice in range(DICE)]
    )
    beside = {
        "ideal Thompson sampler": ideal,
        "the best mean": _mean([regret_of(_sampler(truth, draws=False), truth) for truth in truths]),
        "chance": _mean([regret_of_chance(truth) for truth in truths]),
    }
    ours = _mean([_regret(truth) for truth in truths])
    note = f"20 actions, 5 segments, rates that swing; a snapshot each {EVERY // 1000} s; {note}"
    return Measure(name, ours, "acceptances", more=False, target=1.2 * ideal, beside=beside, note=note)


def _sampler(truth: Truth, *, draws: bool, dice: int = 0) -> Sampler:
    return Sampler(10 * truth.seed + dice, start=STARTS, prior=PRIOR, half_life=HALF_LIFE, draws=draws)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _regret(truth: Truth) -> float:
    """What our answers lose: asked, shown and accepted as in production, learned of by snapshots."""
    plan, lessons = _plan(), MemoryLessons(_plan().policies.learning.half_life)
    flags, lost = Flags(learned=lessons), 0.0
    answers: list[tuple[int, int, Profile, Event]] = []
    for visit in truth.visits():
        _take(plan, lessons, answers, visit.at)
        rates, profile = truth.rates(visit), _customer(visit)
        (best,) = ask(plan, profile, Asked("web.home"), visit.at, flags).ranked
        action = ACTIONS.index(best.action.name)
        lost += max(rates) - rates[action]
        for said in _said(truth, visit, rates, action):
            heappush(answers, (said.at, len(answers), profile, said))
    return lost


def _take(plan: Plan, lessons: MemoryLessons, answers: list[tuple[int, int, Profile, Event]], until: int) -> None:
    """Take in what has happened by then."""
    while answers and answers[0][0] <= until:
        at, _, profile, event = heappop(answers)
        lessons.add(handle_event(plan, profile, event, at).tried)
        lessons.newest(at)


def _customer(visit: Visit) -> Profile:
    name = SEGMENTS[visit.segment]
    known = {"group": name} if name else {}
    return Profile(id=f"c{visit.number}", label="c", attributes=known, segments={name: 1} if name else {})


def _said(truth: Truth, visit: Visit, rates: list[float], action: int) -> Iterator[Event]:
    """It is shown at once; whoever accepts takes their time."""
    outcomes = [("shown", visit.at)]
    if truth.accepts(visit, rates, action):
        outcomes.append(("accepted", visit.at + visit.answers))
    for outcome, at in outcomes:
        properties = {"action": ACTIONS[action], "outcome": outcome, "placement": "web.home"}
        yield Event(
            id=f"{visit.number}{outcome}",
            name="action_outcome",
            profile={"customer_id": f"c{visit.number}"},
            at=at,
            received=at,
            properties=properties,
        )
