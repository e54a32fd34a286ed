"""Decisions of our own, each with what became of it, and the row that a file has for one.

A row is one JSON object: the fields of `Decision`, its candidates and removed actions as objects, and `outcomes`, a
list of {action, outcome, at}. Rows with `measure` are conversions: {measure, profile, at, value}.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from engine.model.decision import Candidate, Decision, LeftOut
from engine.model.span import DAY
from engine.report.decisions.choices import BadRows

_CANDIDATE, _LEFT_OUT = Candidate.__struct_fields__, LeftOut.__struct_fields__
_LISTS: dict[type[msgspec.Struct], str] = {Candidate: "candidates", LeftOut: "removed"}
# An outcome that names no decision belongs to the newest one that showed its action, not longer ago than this.
LASTS = DAY


class Outcome(msgspec.Struct, frozen=True):
    """What was made of an action at `at` (epoch ms). `decision` '' where whoever says it does not know."""

    profile: str
    action: str
    outcome: str
    at: int
    decision: str = ""


@dataclass(frozen=True, slots=True)
class Conversion:
    """Something the policies measure that a customer did: an order, or its total."""

    measure: str
    profile: str
    at: int
    value: float = 1.0


@dataclass(slots=True)
class Logged:
    """One decision. `outcomes`: action -> outcome -> when it was said first (epoch ms)."""

    decision: Decision
    outcomes: dict[str, dict[str, int]] = field(default_factory=dict)

    def accepted(self, action: str) -> bool:
        return "accepted" in self.outcomes.get(action, ())

    def value(self, action: str) -> float:
        """What the success of one of its candidates is worth; 1 where it was none."""
        return next((each.value for each in self.decision.candidates if each.action == action), 1.0)


@dataclass(slots=True)
class Dataset:
    """Decisions in the order of time, and conversions."""

    decisions: list[Logged] = field(default_factory=list)
    conversions: list[Conversion] = field(default_factory=list)

    def between(self, since: int | None, until: int | None) -> Dataset:
        """The part from `since` on and before `until` (epoch ms)."""
        low, high = since if since is not None else -(2**62), until if until is not None else 2**62
        return Dataset(
            [each for each in self.decisions if low <= each.decision.at < high],
            [each for each in self.conversions if low <= each.at < high],
        )


def joined(decisions: Iterable[Decision], outcomes: Iterable[Outcome]) -> list[Logged]:
    """The decisions by time, with what became of them; the same decision twice counts once."""
    by_id = {each.id: Logged(each) for each in sorted(decisions, key=lambda each: (each.at, each.id))}
    showed: dict[tuple[str, str], list[Logged]] = defaultdict(list)
    for each in by_id.values():
        for action in each.decision.shown:
            showed[each.decision.profile, action].append(each)
    for said in sorted(outcomes, key=lambda each: each.at):
        found = by_id.get(said.decision) or _newest(showed.get((said.profile, said.action), ()), said.at)
        if found is not None:
            found.outcomes.setdefault(said.action, {}).setdefault(said.outcome, said.at)
    return list(by_id.values())


def _newest(them: Iterable[Logged], at: int) -> Logged | None:
    return next((each for each in reversed(list(them)) if each.decision.at <= at < each.decision.at + LASTS), None)


def row_of(logged: Logged) -> dict[str, Any]:
    """A decision as its row."""
    decision = logged.decision
    row: dict[str, Any] = dict(msgspec.to_builtins(decision))
    row["candidates"] = [dict(zip(_CANDIDATE, msgspec.to_builtins(each), strict=True)) for each in decision.candidates]
    row["removed"] = [dict(zip(_LEFT_OUT, msgspec.to_builtins(each), strict=True)) for each in decision.removed]
    row["outcomes"] = [
        {"action": action, "outcome": outcome, "at": at}
        for action, said in logged.outcomes.items()
        for outcome, at in said.items()
    ]
    return row


def conversion_row(each: Conversion) -> dict[str, Any]:
    return {"measure": each.measure, "profile": each.profile, "at": each.at, "value": each.value}


def is_ours(row: Mapping[str, Any]) -> bool:
    """Whether a row is one of those above, and not an impression from elsewhere."""
    return ("shown" in row and "placement" in row) or "measure" in row


def dataset_of(rows: Iterator[Mapping[str, Any]], where: str) -> Dataset:
    """The decisions and conversions of a file. Raises BadRows for the first row that is neither."""
    found = Dataset()
    decisions: list[Decision] = []
    outcomes: list[Outcome] = []
    for number, row in enumerate(rows, start=1):
        try:
            if "measure" in row:
                found.conversions.append(msgspec.convert(row, Conversion))
                continue
            decision = decision_of(row)
            decisions.append(decision)
            for each in row.get("outcomes") or ():
                of = {"profile": decision.profile, "decision": decision.id}
                outcomes.append(msgspec.convert({**each, **of}, Outcome))
        except (msgspec.ValidationError, TypeError, AttributeError) as fault:
            raise BadRows(f"{where}, row {number}", f"it is no decision: {fault}") from None
    found.decisions = joined(decisions, outcomes)
    return found


def decision_of(row: Mapping[str, Any]) -> Decision:
    """The decision of a row. Raises msgspec.ValidationError and TypeError when it is none."""
    data = {name: row[name] for name in Decision.__struct_fields__ if row.get(name) is not None}
    for name, kind in (("candidates", Candidate), ("removed", LeftOut)):
        data[name] = [_listed(each, kind) for each in data.get(name, ())]
    return msgspec.convert(data, Decision)


def _listed(given: Mapping[str, Any], kind: type[msgspec.Struct]) -> list[Any]:
    unknown = set(given) - set(kind.__struct_fields__)
    if unknown:
        raise TypeError(f"'{sorted(unknown)[0]}' is no field of what is in '{_LISTS[kind]}'")
    defaults = {each.name: each.default for each in msgspec.structs.fields(kind)}
    values = [given.get(name, defaults[name]) for name in kind.__struct_fields__]
    return [0.0 if value is msgspec.NODEFAULT else value for value in values]
