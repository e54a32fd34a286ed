"""Conditions on a what-if, for CI: `sent.sms > +10%`.

A figure, a comparison, and a value. With a sign the value is a change against what was, in pieces or percent;
without one it is the figure under the draft itself.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from math import inf

from engine.model.errors import SetupError
from engine.report.replay.compare import Compared
from engine.report.replay.figures import BETWEEN, DIMENSIONS, KINDS, Names, total
from engine.testing.stories.phrase import RULES

COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
_WRITTEN = re.compile(
    r"\s*(?P<kind>[a-z_]+)(?P<only>(?:\.[^\s.<>=!]+)*)\s*(?P<compare>>=|<=|==|!=|>|<)\s*(?P<sign>[+-]?)\s*"
    r"(?P<value>\d+(?:\.\d+)?)\s*(?P<percent>%?)\s*"
)
EXAMPLES = "sent.sms > +10%, refused.cap >= 100, gone > 0"


class BadCondition(SetupError):
    """A condition that cannot be read: what was found, and what can be written."""


@dataclass(frozen=True, slots=True)
class Condition:
    """`only` maps dimensions to names; `change`: the value is against what was, in percent where `percent` says so."""

    text: str
    kind: str
    only: Mapping[str, str]
    compare: str
    value: float
    change: bool
    percent: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a condition holds. `was` is None for figures of the comparison itself."""

    condition: Condition
    was: int | None
    would: int
    holds: bool


def read(text: str, names: Names) -> Condition:
    """A condition as it is written. Raises BadCondition."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise BadCondition(f"--fail-if '{text}' is no figure, comparison and value: write {EXAMPLES}.")
    kind, between = found["kind"], found["kind"] in BETWEEN
    if not between and kind not in KINDS:
        raise BadCondition(f"--fail-if '{text}': there is no figure '{kind}'. {_choice(kind, [*KINDS, *BETWEEN])}")
    parts = found["only"].split(".")[1:]
    if between and (parts or found["sign"] or found["percent"]):
        raise BadCondition(
            f"--fail-if '{text}': '{kind}' is a figure of the comparison, with nothing that it was: write {kind} > 0."
        )
    if found["percent"] and not found["sign"]:
        raise BadCondition(f"--fail-if '{text}': a percentage is a change: write +{found['value']}% or -...")
    only: dict[str, str] = {}
    for part in parts:
        name, value = _filter(text, part, names)
        if name in only:
            raise BadCondition(f"--fail-if '{text}': '{only[name]}' and '{value}' are both a {name}.")
        only[name] = value
    amount = float(found["value"]) * (-1 if found["sign"] == "-" else 1)
    return Condition(text, kind, only, found["compare"], amount, bool(found["sign"]), bool(found["percent"]))


def judge(conditions: Iterable[Condition], found: Compared) -> list[Verdict]:
    """What each of them comes to."""
    return [_judged(each, found) for each in conditions]


def _judged(each: Condition, found: Compared) -> Verdict:
    if each.kind in BETWEEN:
        would = BETWEEN[each.kind](found)
        return Verdict(each, None, would, COMPARE[each.compare](would, each.value))
    was, would = total(found.was, each.kind, each.only), total(found.would, each.kind, each.only)
    figure: float = would
    if each.change:
        figure = would - was
        if each.percent:  # of nothing, anything is infinitely more
            figure = 100 * figure / was if was else (inf if figure else 0)
    return Verdict(each, was, would, COMPARE[each.compare](figure, each.value))


def _filter(text: str, part: str, names: Names) -> tuple[str, str]:
    """What a part of a figure says: a dimension and a name."""
    known = {"journey": names.journey, "message": names.message, "channel": names.channel, "reason": frozenset(RULES)}
    dimension, colon, value = part.partition(":")
    if colon:
        if dimension not in DIMENSIONS:
            raise BadCondition(f"--fail-if '{text}': '{dimension}' is none of {', '.join(DIMENSIONS)}.")
        if value not in known[dimension]:
            raise BadCondition(f"--fail-if '{text}': no {dimension} '{value}'. {_choice(value, known[dimension])}")
        return dimension, value
    fits = [each for each in DIMENSIONS if part in known[each]]
    if not fits:
        every = {name for each in known.values() for name in each}
        raise BadCondition(
            f"--fail-if '{text}': '{part}' is no channel, journey, message or reason. {_choice(part, every)}"
        )
    if len(fits) > 1:
        ways = " or ".join(f"{each}:{part}" for each in fits)
        raise BadCondition(f"--fail-if '{text}': '{part}' is a {' and a '.join(fits)}: write {ways}.")
    return fits[0], part


def _choice(given: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = get_close_matches(given, names, 1)
    return f"Did you mean '{close[0]}'?" if close else f"There are: {', '.join(names[:30])}."
