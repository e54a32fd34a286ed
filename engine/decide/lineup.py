"""What of a plan's actions does not depend on who asks, made once: so an answer asks only what does.

Many actions ask the same: each condition there is has a number, by which an answer remembers what it said. Actions
that a contact policy cannot tell apart have a number as well.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from engine.decide.index import Index, indexed
from engine.decide.posterior import begun
from engine.model.action import Action, Belief, Removed
from engine.model.condition import Condition, Scope
from engine.model.plan import Plan


class Entry(NamedTuple):
    """An action as answers see it.

    `lines` are its conditions, with what is said in brief when one does not hold, `weights` those of its context with
    what they multiply by; `dated`: it has days, or must be suggested. `alike` is the number of all that a contact
    policy treats as it treats this one, `begins` the belief it begins with, and `tie` what puts equal scores and
    boosts in order.
    """

    action: Action
    name: str
    lines: tuple[tuple[int, Callable[[Scope], bool], Removed], ...]
    weights: tuple[tuple[int, Callable[[Scope], bool], float], ...]
    dated: bool
    alike: int
    begins: Belief
    tie: tuple[float, int, str]


@dataclass(frozen=True, slots=True)
class Lineup:
    """The entries of each placement, in the order of the actions. `conditions` and `kinds` are how many numbers were
    given; `indexes` answer many conditions at once; `careful` are actions that have to be asked about one by one."""

    at: dict[str, tuple[Entry, ...]]
    conditions: int
    kinds: int
    indexes: tuple[Index, ...]
    careful: frozenset[str]


def lineup_of(plan: Plan) -> Lineup:
    """The lineup of a plan, made by whoever asks first."""
    found = plan.made.get("lineup")
    if not isinstance(found, Lineup):
        found = plan.made["lineup"] = _lined_up(plan)
    return found


def _lined_up(plan: Plan) -> Lineup:
    actions = plan.actions.values()
    conditions = _Conditions(
        line
        for action in actions
        for line in (*(line for line, _ in action.lines), *(weight.when for weight in action.weights))
    )
    alike: dict[Hashable, int] = {}
    entries = {}
    for action in actions:
        treated = action.purpose, action.mandatory, action.tags
        entries[action.name] = Entry(
            action=action,
            name=action.name,
            lines=tuple((*conditions.question(line), brief) for line, brief in action.lines),
            weights=tuple((*conditions.question(weight.when), weight.by) for weight in action.weights),
            dated=action.since is not None or action.until is not None or action.suggested,
            alike=alike.setdefault(treated, len(alike)),
            begins=begun(plan, action),
            tie=(-action.value, 1, action.name),
        )
    at = {name: tuple(entries[each.name] for each in found) for name, found in plan.shown_at.items()}
    # a cap of none is full before anything was shown
    careful = frozenset(action.name for action in actions if any(cap.limit < 1 for cap in action.caps))
    return Lineup(at, conditions.many, len(alike), tuple(conditions.indexes), careful)


class _Conditions:
    """The different ones among many conditions, and their numbers."""

    def __init__(self, lines: Iterable[Condition]) -> None:
        different = {_words_of(line): line for line in lines}
        self.indexes, numbers = indexed([line.node for line in different.values()])
        self.many = len(different)
        self._questions = {words: (numbers[place], line.holds) for place, (words, line) in enumerate(different.items())}

    def question(self, line: Condition) -> tuple[int, Callable[[Scope], bool]]:
        """The number of a condition, and the function that answers it."""
        return self._questions[_words_of(line)]


def _words_of(line: Condition) -> str:
    return repr(line.node)  # as values 1, 1.0 and True would be one
