"""Next best action: (plan, profile, question, instant) -> an answer that accounts for every action there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec

from engine.decide.brief import order, sifted
from engine.decide.chance import by_lot, seed_of, segment_of
from engine.decide.contact import kept
from engine.decide.control import by_chance
from engine.decide.look import Look, said_at
from engine.decide.score import NOTHING_LEARNED, Learned, factors
from engine.decide.stages import contact_policy, removed
from engine.model.action import Action, Answer, Asked, Conclusions, Ranked, Removed, Rule
from engine.model.condition import Scope
from engine.model.flags import NO_FLAGS, Flags
from engine.model.plan import Placement, Plan
from engine.model.profile import Profile, Suggestion
from engine.policy.control import arm_of


def answer(
    plan: Plan,
    profile: Profile,
    asked: Asked,
    scope: Scope,
    now: int,
    *,
    flags: Flags = NO_FLAGS,
    learned: Learned | None = None,
) -> Answer:
    """What the placement is told at engine time `now` (epoch ms), the best first.

    Order: mandatory, shown before and still the answer, what a lot puts first, score, boost, value, newest suggestion,
    name. `scope` sees the customer; it carries the context and the rules' marks afterwards. `profile` is not changed.
    `learned` is what the flags know of it, unless it is given. Raises KeyError when there is no such placement.
    """
    placement = plan.placements[asked.placement]
    aside = msgspec.structs.replace(profile, suppressed=dict(profile.suppressed), arms=dict(profile.arms))
    scope.context = asked.context
    conclusions = plan.rulebook.conclude(scope)
    table = _table(plan, profile, placement, now)
    who = asked.nobody or profile.id
    arm, segment = arm_of(who, plan.policies.control), segment_of(plan, scope.segments)
    seed, learned = seed_of(plan, profile, who, now), learned or flags.learned or NOTHING_LEARNED
    look = Look(plan, aside, placement, asked, scope, conclusions, table, flags, now, arm, segment, seed, learned)
    boosts = conclusions.boosts()
    if asked.brief and not asked.via:
        ranked, out = sifted(look, boosts, _others(plan, table, placement))
    else:
        ranked, out = _explained(look, boosts)
    explore = 0.0
    if arm == "random":
        ranked = by_chance(look, ranked)
    else:
        explore = by_lot(look, ranked)
    show = placement.show if asked.limit is None else min(placement.show, asked.limit)
    for place, each in enumerate(() if asked.brief else ranked[show:], show + 1):
        observed = f"place {place} with {each.factors.score:.4g}; {show} shown"
        out.append(Removed(each.action.name, "arbitration", observed, str(each.action.place)))
    if ranked or show == 0 or asked.via:  # a fallback fills a page; nobody waits for a message
        best, fell_back = tuple(ranked[:show]), False
        if asked.brief:  # only what is shown says what its score is made of
            best = tuple(_worded(look, each, boosts.get(each.action.name, [])) for each in best)
    else:
        best, out = _fallback(look, out)
        fell_back = bool(best)
    behind, number = tuple(ranked[show:]), learned.number
    return Answer(placement.name, best, tuple(out), conclusions, fell_back, arm, segment, number, behind, explore)


def _explained(look: Look, boosts: Mapping[str, list[tuple[Rule, float]]]) -> tuple[list[Ranked], list[Removed]]:
    """Every action there is, one after the other: what is left, the best first, and what was taken out and why."""
    out: list[Removed] = []
    ranked: list[Ranked] = []
    for action in (*look.plan.actions.values(), *_undeclared(look.plan, look.table)):
        why = removed(look, action)
        if why is not None:
            out.append(why)
        else:
            ranked.append(Ranked(action, factors(look, action, boosts.get(action.name, [])), kept(look, action)))
    ranked.sort(key=lambda each: order(look, each))
    return ranked, out


def _worded(look: Look, each: Ranked, boosts: list[tuple[Rule, float]]) -> Ranked:
    """The same with the words that say where its factors come from."""
    made = factors(look, each.action, boosts)
    words = (*made.why, *each.factors.why)
    return msgspec.structs.replace(each, factors=msgspec.structs.replace(made, why=words))


def only_fallback(
    plan: Plan, profile: Profile, asked: Asked, scope: Scope, now: int, *, flags: Flags = NO_FLAGS
) -> Answer:
    """What the placement shows when there is no time to choose: its fallback, if days and contact policy allow it.

    Every other action is `removed` at the stage `time`. Raises KeyError when there is no such placement.
    """
    placement = plan.placements[asked.placement]
    aside = msgspec.structs.replace(profile, suppressed=dict(profile.suppressed), arms=dict(profile.arms))
    scope.context = asked.context
    arm = arm_of(asked.nobody or profile.id, plan.policies.control)
    table = _table(plan, profile, placement, now)
    look = Look(plan, aside, placement, asked, scope, Conclusions(), table, flags, now, arm)
    out = [Removed(each.name, "time", "there was no time to choose", str(each.place)) for each in plan.actions.values()]
    last, out = _fallback(look, out) if asked.limit != 0 else ((), out)
    return Answer(placement.name, last, tuple(out), fallback=bool(last), arm=arm)


def _table(plan: Plan, profile: Profile, placement: Placement, now: int) -> dict[str, Suggestion]:
    """The suggestions for a placement that last beyond `now`: action -> the newest.

    One that names no placements lies where its action is shown anyway; one whose action is gone lies nowhere.
    """
    found: dict[str, Suggestion] = {}
    for each in profile.suggestions:
        action = plan.actions.get(each.action)
        gone = each.until <= now or (action is None and each.declared)
        places = each.placements or (action.placements if action is not None else ())
        if not gone and placement.name in places:
            found.pop(each.action, None)  # the newest comes last
            found[each.action] = each
    return found


def _others(plan: Plan, table: dict[str, Suggestion], placement: Placement) -> list[Action]:
    """What is shown here only because a journey suggests it."""
    if not table:
        return []
    declared = [plan.actions[name] for name in table if name in plan.actions]
    return [*(each for each in declared if placement.name not in each.placements), *_undeclared(plan, table)]


def _undeclared(plan: Plan, table: dict[str, Suggestion]) -> list[Action]:
    """What journeys suggest that is no action of its own: a message, of its journey's purpose."""
    found = []
    for name, suggestion in table.items():
        if name in plan.actions:
            continue
        action, journey = _plain(plan, name), plan.journeys.get(suggestion.journey)
        if journey is not None:
            action = replace(action, purpose=journey.purpose, place=said_at(plan, suggestion))
        found.append(replace(action, suggested=True))
    return found


def _fallback(look: Look, out: Sequence[Removed]) -> tuple[tuple[Ranked, ...], list[Removed]]:
    """What a placement shows when nothing is left: it obeys its days and the contact policy, as everything does."""
    name = look.placement.fallback
    if not name:
        return (), list(out)
    action = look.plan.actions.get(name) or _plain(look.plan, name)
    others = [each for each in out if each.action != name]
    dated = (action.since is not None and look.now < action.since) or (
        action.until is not None and look.now >= action.until
    )
    if name in look.asked.without:
        return (), [*others, look.asked.without[name]]
    if look.arm == "fallback":  # this is what the control group gets
        look = replace(look, arm="")
    why = Removed(name, "eligibility", "outside its days", str(action.place)) if dated else contact_policy(look, action)
    if why is not None:
        return (), [*others, why]
    return (Ranked(action, factors(replace(look, learned=NOTHING_LEARNED), action, [])),), others


def _plain(plan: Plan, message: str) -> Action:
    """A message that stands for itself; of the first purpose that customers may refuse."""
    purposes = plan.policies.purposes.values()
    purpose = next((each.name for each in purposes if not each.transactional), next(iter(plan.policies.purposes)))
    return Action(message, purpose, message, frozenset())
