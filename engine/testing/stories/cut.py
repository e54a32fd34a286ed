"""The part of a plan that a story is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from engine.model.plan import Journey, Plan


def cut(plan: Plan, journeys: Iterable[str], holdout: bool, control: bool = False) -> Plan:
    """The plan with only these journeys in it; their customers all held out where there is a holdout, or none, and
    all in the control group, or there is none."""
    kept = {
        name: replace(plan.journeys[name], holdout=1.0 if holdout and plan.journeys[name].holdout else 0.0)
        for name in journeys
    }
    share = 1.0 if holdout and plan.policies.global_holdout else 0.0
    group = replace(plan.policies.control, share=1.0) if control and plan.policies.control is not None else None
    tables = {field.name: getattr(plan, field.name) for field in fields(plan)}
    changed: dict[str, Any] = {name: _only(table, kept) for name, table in tables.items() if _of_journeys(table)}
    return replace(plan, **changed, policies=replace(plan.policies, global_holdout=share, control=group))


def _of_journeys(table: Any) -> bool:
    """Is it one of the plan's tables of journeys, or of lists of journeys?"""
    values = list(table.values()) if isinstance(table, dict) else []
    flat = [each for value in values for each in (value if isinstance(value, tuple) else (value,))]
    return bool(flat) and all(isinstance(each, Journey) for each in flat)


def _only(table: dict[Any, Any], kept: dict[str, Journey]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key, value in table.items():
        if isinstance(value, tuple):
            found[key] = tuple(kept[each.name] for each in value if each.name in kept)
        elif value.name in kept:
            found[key] = kept[value.name]
    return found
