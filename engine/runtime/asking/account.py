"""An answer as plain data: for whoever asked, and for the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.model.action import Answer, Ranked, Removed
from engine.model.decision import Decision
from engine.model.plan import Placement, Plan
from engine.runtime.asking.words import Telling, form_of
from engine.runtime.decisions import Recorded, recorded

MOST_CANDIDATES = 100


def told(
    placement: Placement, answer: Answer, name: str, tellings: Mapping[str, Telling], *, explain: bool
) -> dict[str, Any]:
    """What one placement is told; with `explain` also what was left out, and by which rules the rest was chosen."""
    form = form_of(placement)
    found: dict[str, Any] = {
        "decision_id": name,
        "placement": placement.name,
        "channel": placement.channel,
        "fallback": answer.fallback,
        "actions": [
            _action(rank, each, tellings[each.action.name], form) for rank, each in enumerate(answer.ranked, 1)
        ],
    }
    if explain:
        found["removed"] = [_removed(each) for each in answer.removed]
        found["rules"] = [{"rule": each.name, "place": str(each.place)} for each in answer.conclusions.rules]
        found["marks"] = sorted(answer.conclusions.marks)
        if answer.arm:
            found["arm"] = answer.arm
    return found


def _action(rank: int, each: Ranked, telling: Telling, form: str) -> dict[str, Any]:
    action, made = each.action, each.factors
    return {
        "rank": rank,
        "action": action.name,
        "purpose": action.purpose,
        "content": {name: part for name, part in telling.forms[form].items() if part},
        "locale": telling.locale,
        "score": made.score,
        "factors": {
            "propensity": made.propensity,
            "context": made.context,
            "value": made.value,
            "boost": made.boost,
            "why": list(made.why),
        },
        "kept": each.kept,
        "mandatory": action.mandatory,
    }


def _removed(each: Removed) -> dict[str, str]:
    return {
        "action": each.action,
        "stage": each.stage,
        "rule": each.rule or each.stage,
        "place": each.place,
        "observed": each.observed,
    }


def declared(plan: Plan, context: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of what the asker said: where placements declare it, only that and the ids of objects."""
    names = {name for placement in plan.placements.values() for name in placement.context}
    if not names:
        return dict(context)
    names |= {kind.id for kind in plan.vocabulary.objects.values()}
    return {name: value for name, value in context.items() if name in names}


def record(
    placement: Placement,
    answer: Answer,
    suggested: frozenset[str],
    *,
    name: str,
    request: str,
    profile: str,
    at: int,
    plan: str,
    context: Mapping[str, Any],
    figures: dict[str, float],
) -> Recorded:
    """The decision as the log keeps it; `suggested` are the actions that journeys suggest to the customer."""
    ranked = () if answer.fallback else (*answer.ranked, *answer.behind)
    decision = Decision(
        id=name,
        at=at,
        placement=placement.name,
        channel=placement.channel,
        plan=plan,
        request=request,
        profile=profile,
        snapshot=answer.snapshot,
        segment=answer.segment,
        arm=answer.arm,
        context=dict(context),
        shown=[each.action.name for each in answer.ranked],
        fallback=answer.fallback,
        others=max(0, len(ranked) - MOST_CANDIDATES),
        explore=answer.explore,
        figures=figures,
    )
    return recorded(decision, ranked[:MOST_CANDIDATES], suggested, answer.removed)
