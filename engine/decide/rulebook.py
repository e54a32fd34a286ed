"""All rules of a plan, ready to be asked: layer after layer, each layer's rules at once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from engine.decide.matcher import Matcher, Matches, Plain
from engine.decide.strata import strata
from engine.model.action import Conclusions, Rule
from engine.model.condition import Scope

log = logging.getLogger(__name__)


class Rulebook:
    """The rules of one plan. `engine` is who answers: durable_rules, or python where that cannot.

    The networks are made when the first question comes. `failures` counts the answers that durable_rules owed and
    the compiled functions gave. Threads may share one.
    """

    def __init__(self, rules: Sequence[Rule], engine: str = "durable_rules") -> None:
        self.engine = engine
        self.failures = 0
        self._layers = strata(rules)
        self._plain = [Plain({rule.name: _all(rule) for rule in layer}) for layer in self._layers]
        self._matchers: list[Matches] | None = None

    def conclude(self, scope: Scope) -> Conclusions:
        """What holds in a scope. The scope carries the marks afterwards: conditions of actions may read them."""
        matchers = self._matchers if self._matchers is not None else self._make()
        found: list[Rule] = []
        for layer, matcher, plain in zip(self._layers, matchers, self._plain, strict=True):
            try:
                names = matcher.match(scope)
            except RuntimeError as fault:
                self.failures += 1
                log.warning("%s; the compiled rules answered", fault)
                names = plain.match(scope)
            if names:
                hold = [rule for rule in layer if rule.name in names]
                found += hold
                scope.marks |= {mark for rule in hold for mark in rule.marks}
        return Conclusions(tuple(found), scope.marks)

    def _make(self) -> list[Matches]:
        made: list[Matches] = list(self._plain)
        if self.engine == "durable_rules":
            try:
                made = [Matcher({rule.name: rule.term for rule in layer}) for layer in self._layers]
            except (ImportError, RuntimeError) as fault:
                self.engine = "python"
                log.warning("the rules are asked without durable_rules: %s", fault)
        self._matchers = made
        return made


def _all(rule: Rule) -> Callable[[Scope], bool]:
    """All lines of a rule as one question."""
    lines = [line.holds for line in rule.when]
    return lines[0] if len(lines) == 1 else lambda scope: all(holds(scope) for holds in lines)
