"""Worlds by chance, always the same for a seed: actions, policies, a customer, what was learned, a question.

The conditions come from a workspace; what is put together of them here need not make sense, only be possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any, TypeVar

from engine.decide.thompson import Thompson
from engine.define.folder import with_shared
from engine.define.workspace import compile_sources
from engine.model.action import Action, Asked, Outcome, Propensity, Removed, Rest, Weight
from engine.model.condition import Condition
from engine.model.flags import EVERYTHING, Flags
from engine.model.learned import Count, Snapshot
from engine.model.message import Counted
from engine.model.plan import Plan
from engine.model.policy import Cap, Control, Learning, Ramp
from engine.model.problem import Place
from engine.model.profile import Assigned, Consent, Offer, Past, Profile, Suggestion
from engine.model.span import DAY, HOUR, Span
from engine.policy.caps import shown

NOW = 1_772_460_000_000  # 2026-03-02 14:00 UTC
PLACES = ("web.home", "app.home", "store.till")
TIERS = ("gold", "silver", "bronze")
LINES = (
    *(f"customer.points >= {number}" for number in (0, 10, 50, 90)),
    *("customer.points < 60", "customer.points is 50", "customer.points is not 50", "customer.news is yes"),
    *(f"customer.tier is {tier}" for tier in TIERS),
    *("customer.tier is not gold", "customer.tier in [gold, silver]", "customer.tier is known"),
    *(f"bought where shelf is s{number} in last 30d" for number in range(4)),
    *(f"no bought where shelf is s{number} in last 30d" for number in range(4)),
    *("bought at least 2 times in last 7d", "bought where total > 20", "mark keen", "not mark keen", "segment rich"),
    *("context.intent is look_1", "context.intent is known", "customer.tier is gold or customer.points > 80"),
)
_SOURCES = {
    "journeys/all.yaml": """
vocabulary:
  identifiers: {customer_id: strong, email: weak}
  events:
    seen: {properties: {tier: text, points: number, news: yes_no}}
    bought: {properties: {shelf: text, total: number}}
  customer:
    tier: {type: text, from: seen.tier}
    points: {type: number, from: seen.points}
    news: {type: yes_no, from: seen.news}
""",
    "journeys/policies.yaml": """
policies:
  timezone: Europe/Paris
  purposes: {marketing: {}, advice: {}, service: {transactional: true}}
  suppress: [{when: customer.points is 90, purpose: advice, lasts: 72h after}]
""",
    "journeys/segments.yaml": "segments: {rich: {when: [customer.points > 70]}}\n",
    "journeys/placements.yaml": "placements:\n"
    + "".join(f"  {place}: {{show: {show}}}\n" for show, place in enumerate(PLACES, 1)),
    "journeys/hello.yaml": "journey: hello\npurpose: service\nstart: {event: seen}\nsteps: [{send: say, via: email}]\n",
    "journeys/rules.yaml": """
rules:
  keen: {when: customer.points > 40, then: {mark: keen}}
  up: {when: [mark keen, context.intent is look_1], then: {boost: {action: a1, by: 1.5}}}
  further: {when: customer.tier is gold, then: {boost: {action: a1, by: 0.3}}}
  other: {when: customer.tier is silver, then: {boost: {action: a4, by: 3}}}
""",
    "journeys/actions.yaml": "actions:\n"
    + "".join(
        f"  a{number}: {{purpose: service, message: say, placements: [web.home], eligible: ['{line}']}}\n"
        for number, line in enumerate(LINES)
    ),
    "templates/messages/say.j2": "{% extends layout %}{% block summary %}A word.{% endblock %}\n",
}
T = TypeVar("T")
_RESTS: tuple[Outcome, ...] = ("declined", "shown")


@dataclass(frozen=True, slots=True)
class World:
    """All that an answer depends on."""

    plan: Plan
    profile: Profile
    asked: Asked
    now: int
    flags: Flags


@cache
def base() -> Plan:
    return compile_sources(with_shared(_SOURCES)).sound().plan


@cache
def lines() -> tuple[Condition, ...]:
    """The conditions that there are."""
    return tuple(line for action in base().actions.values() for line in action.eligible)


@cache
def made(seed: int) -> Plan:
    """A plan of its own for every seed."""
    dice = Random(f"plan {seed}")
    actions = {f"a{number}": _action(dice, f"a{number}", number) for number in range(dice.choice([3, 12, 24]))}
    found = base()
    names = list(actions)
    placements = {
        name: replace(each, show=dice.randint(0, 4), fallback=dice.choice(["", "say", *names[:2]]))
        for name, each in found.placements.items()
    }
    caps = [
        _cap(dice, dice.choice([0, 1, 3, 9]), tags=dice.choice([(), (), ("loud",)])) for _ in range(dice.randint(0, 2))
    ]
    learning = Learning(
        segments=dice.choice([(), ("rich",)]),
        explore=dice.choice([0.0, 0.01, 0.5, 1.0]),
        features=dice.choice([(), ("tier", "points")]),
    )
    policies = replace(
        found.policies,
        caps=tuple(caps),
        learning=learning,
        global_holdout=dice.choice([0.0, 0.0, 0.3]),
        control=dice.choice([None, None, *(Control(0.5, gets) for gets in ("random", "fallback", "nothing"))]),
    )
    written = [each.propensity.start for each in actions.values() if each.propensity.start is not None]
    means = {"marketing": sum(written) / len(written)} if written and dice.random() < 0.5 else {}
    return replace(found, actions=actions, placements=placements, policies=policies, propensities=means)


def world(seed: int) -> World:
    """Twenty customers and questions for each plan."""
    plan, dice = made(seed // 20), Random(f"world {seed}")
    names = [*plan.actions, "say", "gone"]
    now = NOW + dice.choice([0, 3 * HOUR, 40 * DAY])
    profile = _profile(dice, names, now)
    weights = {f"{name}|tier={tier}": dice.uniform(-2, 2) for name in _some(dice, [*plan.actions]) for tier in TIERS}
    snapshot = Snapshot(
        dice.randint(1, 99),
        now,
        now // DAY,
        {
            f"{name}|{dice.choice(PLACES)}|{dice.choice(['', 'rich'])}": _count(dice)
            for name in _some(dice, list(plan.actions))
        },
        {name: now // DAY - dice.randint(0, 9) for name in _some(dice, list(plan.actions))},
        weights=weights if plan.policies.learning.features else {},
    )
    flags = Flags(
        paused=dice.choice([frozenset(), frozenset(), *[frozenset({"hello"})] * 8, frozenset({EVERYTHING})]),
        killed=dice.choice([frozenset(), frozenset(), frozenset({"hello"}), frozenset({"other"})]),
        learned=dice.choice([None, *[Thompson(snapshot)] * 4, Thompson(snapshot, draws=False)]),
    )
    placement = dice.choice(PLACES)
    there = [each.name for each in plan.shown_at[placement]]
    without = {name: Removed(name, "rendering", "no price", "say.j2:3", "missing") for name in _some(dice, there, 0.2)}
    asked = Asked(
        placement,
        dice.choice([{}, {"intent": "look_1"}, {"intent": 3}]),
        dice.choice([None, None, 0, 1, 5]),
        without=without if dice.random() < 0.3 else {},
        silent=dice.random() < 0.1,
        nobody=dice.choice(["", "", "somebody"]),
    )
    return World(plan, profile, asked, now, flags)


def _action(dice: Random, name: str, number: int) -> Action:
    def some(most: int) -> tuple[Condition, ...]:
        return tuple(dice.choice(lines()) for _ in range(dice.choice([0, 0, 1]) * most))

    place = Place("journeys/actions.yaml", number + 1)
    start = dice.choice([None, 0.02, 0.3, 0.3, 0.9999])
    return Action(
        name,
        dice.choice(["marketing", "marketing", "advice", "service"]),
        "say",
        frozenset(_some(dice, PLACES, 0.7)),
        eligible=some(1),
        applicable=some(1),
        suitable=some(1),
        suggested=dice.random() < 0.1,
        value=dice.choice([0.0, 1.0, 1.0, 2.5, 7.0]),
        propensity=Propensity(start, dice.random() < 0.6),
        weights=tuple(Weight(dice.choice(lines()), dice.choice([0.5, 2.0])) for _ in range(dice.choice([0, 0, 1, 2]))),
        rests=tuple(
            Rest(Span(ms=0, days=dice.choice([1, 14]), months=0, text="14d"), outcome, "14d after", place)
            for outcome in _some(dice, _RESTS, 0.3)
        ),
        caps=tuple(_cap(dice, dice.choice([0, 1, 2])) for _ in range(dice.choice([0, 0, 0, 1]))),
        tags=tuple(_some(dice, ("loud", "new"), 0.3)),
        mandatory=dice.random() < 0.1,
        since=dice.choice([None, None, None, NOW - DAY, NOW + DAY]),
        until=dice.choice([None, None, None, NOW + 2 * DAY, NOW + 80 * DAY]),
        ramp=dice.choice([None, None, Ramp(0.3, 7 * DAY, "30% over 7d", place)]),
        place=place,
    )


def _cap(dice: Random, limit: int, tags: Sequence[str] = ()) -> Cap:
    window, calendar = dice.choice([(DAY, ""), (7 * DAY, ""), (None, "day"), (None, "week")])
    purposes = frozenset(dice.choice([(), ("marketing",)]))
    channels = frozenset(dice.choice([(), ("web", "email")]))
    return Cap(limit, window, calendar, channels, purposes, frozenset(tags), text=f"{limit} per while")


def _profile(dice: Random, names: Sequence[str], now: int) -> Profile:
    bought = sorted(now - dice.randint(0, 45 * DAY) for _ in range(dice.randint(0, 6)))
    past = [
        Past(f"b{number}", at, {"shelf": f"s{dice.randint(0, 5)}", "total": dice.choice([5, 40.0, "much"])})
        for number, at in enumerate(bought)
    ]
    attributes: dict[str, Any] = {}
    for name, values in (("points", (0, 50, 50.0, 90, True, "many")), ("tier", (*TIERS, 3)), ("news", (True, False))):
        if dice.random() < 0.8:
            attributes[name] = dice.choice(values)
    offers = {}
    for name in _some(dice, names, 0.15):
        since = now - dice.randint(0, 3 * DAY)
        said = dict.fromkeys(_some(dice, ("shown", "declined", "accepted"), 0.5), since + HOUR)
        offers[name] = Offer(since, since + dice.choice([HOUR, DAY, 4 * DAY]), said)
    ledger = []
    for number, name in enumerate(_some(dice, names, dice.choice([0.0, 0.2]))):
        at = now - dice.randint(0, 2 * DAY)
        given = dice.choice([(shown(name, at), ""), (f"m{number}-email-1", name), (f"m{number}-email-1", "")])
        tags = list(_some(dice, ("loud",), 0.5))
        ledger.append(
            Counted(given[0], at, dice.choice(["web", "email", "store"]), "marketing", name, True, tags, given[1])
        )
    return Profile(
        id=f"c{dice.randint(0, 999):024x}",
        label="customer_id:ana",
        attributes=attributes,
        history={"bought": past} if past else {},
        consent={
            f"{channel}/{purpose}": Consent(dice.choice(["granted", "denied"]), now - 1)
            for channel, purpose in (("web", "marketing"), ("app", "advice"))
            if dice.random() < 0.2
        },
        offers=offers,
        ledger=ledger,
        suppressed={"customer.points is 90": now + HOUR} if dice.random() < 0.2 else {},
        suggestions=[_suggestion(dice, name, now) for name in _some(dice, names, dice.choice([0.0, 0.0, 0.2]))],
        silenced=[_suggestion(dice, name, now) for name in _some(dice, names, dice.choice([0.0, 0.0, 0.2]))],
        segments={"rich": now} if dice.random() < 0.4 else {},
        arms={"*/holdout:": Assigned("global_holdout", now)} if dice.random() < 0.1 else {},
    )


def _suggestion(dice: Random, name: str, now: int) -> Suggestion:
    places = list(_some(dice, PLACES, 0.5))
    until = now + dice.choice([-HOUR, HOUR, HOUR])
    boost, declared = dice.choice([1.0, 1.0, 4.0]), dice.random() < 0.3
    return Suggestion(name, places, until, "e1", dice.choice(["hello", "other"]), "say", boost, declared)


def _count(dice: Random) -> Count:
    shown_ = dice.choice([0.5, 20.0, 900.0])
    return Count(shown_, shown_ * dice.choice([0.0, 0.1, 0.9]))


def _some(dice: Random, of: Sequence[T], share: float = 0.5) -> list[T]:
    return [each for each in of if dice.random() < share]
