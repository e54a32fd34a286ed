"""The stages and scores of an answer that nobody wants explained: the same as of one that is, with less work.

What a stage says of an action is mostly what it said of another: the same condition, or a contact policy that cannot
tell the two apart. Only actions of which the customer's record says something are asked about one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.decide.contact import kept, refused
from engine.decide.index import prepared
from engine.decide.lineup import lineup_of
from engine.decide.look import Look
from engine.decide.posterior import NOTHING_LEARNED, begun
from engine.decide.score import LEAST, MOST, bare
from engine.decide.stages import days, ramp, removed
from engine.model.action import Action, Belief, Factors, Ranked, Removed, Rule
from engine.policy.caps import named_in

Boosts = Mapping[str, list[tuple[Rule, float]]]
_Place = tuple[float, float, tuple[float, int, str], Ranked]


def sifted(look: Look, boosts: Boosts, others: list[Action]) -> tuple[list[Ranked], list[Removed]]:
    """What is left of the actions of the placement, the best first, and what was taken out.

    `others` are shown here only because journeys suggest them.
    """
    lineup = lineup_of(look.plan)
    singled = _singled_out(look) | lineup.careful if lineup.careful else _singled_out(look)
    scope, draws = look.scope, look.learned.draws
    believed = _beliefs(look)
    said = prepared(lineup.indexes, scope, lineup.conditions)
    verdicts: list[str | None] = [None] * lineup.kinds
    out: list[Removed] = []
    first: list[Ranked] = []
    rest: list[_Place] = []
    for action, name, lines, weights, dated, alike, begins, tie in lineup.at[look.placement.name]:
        if name in singled:
            _one_by_one(look, action, boosts, believed, out, first, rest)
            continue
        if dated and (gone := days(look, action)) is not None:
            out.append(gone)
            continue
        for number, holds, brief in lines:
            held = said[number]
            if held is None:
                held = said[number] = holds(scope)
            if not held:
                out.append(brief)
                break
        else:
            verdict = verdicts[alike]
            if verdict is None:
                refusal = refused(look, action)
                verdict = verdicts[alike] = refusal.rule if refusal is not None else ""
            if verdict:
                out.append(Removed(name, "contact_policy", "", "", verdict))
                continue
            if draws and action.ramp is not None and (new := ramp(look, action)) is not None:
                out.append(new)
                continue
            belief = believed(action) if believed is not None and action.propensity.learn else begins
            likely = belief.propensity
            likely = LEAST if likely < LEAST else MOST if likely > MOST else likely
            context = boost = 1.0
            for number, holds, by in weights:
                held = said[number]
                if held is None:
                    held = said[number] = holds(scope)
                if held:
                    context *= by
            if name in boosts:
                for _, by in boosts[name]:
                    boost *= by
            value = action.value
            found = Ranked(action, Factors(likely, context, value, boost, (), belief))
            if action.mandatory:
                first.append(found)
            else:
                rest.append((-(likely * context * value * boost), -boost, tie, found))
    for action in others:
        _one_by_one(look, action, boosts, believed, out, first, rest)
    first.sort(key=lambda each: order(look, each))
    rest.sort()
    return [*first, *(each for *_, each in rest)], out


def _beliefs(look: Look) -> Callable[[Action], Belief] | None:
    """What was learned; None while nothing was."""
    return look.learned.beliefs(look) if look.learned is not NOTHING_LEARNED else None


def _one_by_one(
    look: Look,
    action: Action,
    boosts: Boosts,
    believed: Callable[[Action], Belief] | None,
    out: list[Removed],
    first: list[Ranked],
    rest: list[_Place],
) -> None:
    why = removed(look, action)
    if why is not None:
        out.append(why)
        return
    learns = believed is not None and action.propensity.learn
    belief = believed(action) if believed is not None and learns else begun(look.plan, action)
    found = Ranked(action, bare(look, action, boosts.get(action.name, []), belief), kept(look, action))
    if action.mandatory or found.kept:
        first.append(found)
    else:
        tie = -action.value, -_newest(look, action), action.name
        rest.append((-found.factors.score, -found.factors.boost, tie, found))


def _singled_out(look: Look) -> frozenset[str]:
    """The actions of which the customer's record, or whoever asks, says something."""
    profile = look.profile
    if not (look.table or look.asked.without or profile.offers or profile.silenced or profile.ledger):
        return frozenset()
    silenced = (each.action for each in profile.silenced)
    told = (name for entry in profile.ledger for name in named_in(entry))
    return frozenset((*look.table, *look.asked.without, *profile.offers, *silenced, *told))


def order(look: Look, each: Ranked) -> tuple[bool, bool, float, float, float, int, str]:
    """Mandatory, shown before and still the answer, score, boost, value, newest suggestion, name."""
    action, found = each.action, each.factors
    newest = -_newest(look, action)
    return not action.mandatory, not each.kept, -found.score, -found.boost, -found.value, newest, action.name


def _newest(look: Look, action: Action) -> int:
    return list(look.table).index(action.name) if action.name in look.table else -1
