"""Which of many rules hold: all asked at once, packed into rulesets that the matcher can bear."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from engine.decide.attributes import Attributes
from engine.decide.facts import decimal, exact, text
from engine.decide.trial import try_out
from engine.model.condition import Scope
from engine.model.term import Bit, Group, Term, Test, leaves, whole

if TYPE_CHECKING:
    from engine.decide.network import Network

# The C matcher's stack has 64 places, one of them for the rule that always matches; a fact has 254 properties.
MOST_PATHS = 60
MOST_NAMES = 200
# A condition with more ways to hold, or more groups, is asked in Python, as one bit.
MOST_WAYS = 16
MOST_GROUPS = 12

_OPS = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}


class Matches(Protocol):
    """Says which of the rules it was made of hold in a scope, by name."""

    def match(self, scope: Scope) -> set[str]: ...


class Plain:
    """The rules as compiled Python functions: the matcher's measure, and what stands in for it."""

    def __init__(self, rules: Mapping[str, Callable[[Scope], bool]]) -> None:
        self._rules = dict(rules)

    def match(self, scope: Scope) -> set[str]:
        return {name for name, holds in self._rules.items() if holds(scope)}


class Matcher:
    """The rules as rulesets of durable_rules, `tried` out in a process of their own first. Threads may share one.

    Raises ImportError when the library cannot be loaded, RuntimeError when it does not take a ruleset.
    """

    def __init__(self, terms: Mapping[str, Term], *, tried: bool = True) -> None:
        from engine.decide.network import Network

        self._attributes = Attributes()
        self._called = {f"r{number}": name for number, name in enumerate(sorted(terms))}
        self._lock = threading.Lock()
        self._networks: list[tuple[Network, tuple[str, ...]]] = []
        fit = {short: bearable(terms[name]) for short, name in self._called.items()}
        rulesets: list[tuple[dict[str, str], tuple[str, ...]]] = []
        for part in packed(fit, self._attributes.name):
            names = sorted({self._attributes.name(leaf) for short in part for leaf in leaves(fit[short])})
            rulesets.append(({short: self._written(fit[short]) for short in part}, tuple(names)))
        if tried:
            try_out([conditions for conditions, _ in rulesets], fit, self._attributes.name)
        self._networks += [(Network(conditions), names) for conditions, names in rulesets]

    def match(self, scope: Scope) -> set[str]:
        """The names of the rules that hold. Raises RuntimeError when the library fails."""
        there = self._attributes.fact(scope)
        found: set[str] = set()
        with self._lock:
            for network, names in self._networks:
                network.match("".join([there[name] for name in names if name in there]), found)
        found.discard("_")
        return {self._called[short] for short in found}

    def close(self) -> None:
        """Give the memory of the rulesets back. Nothing may be asked afterwards."""
        with self._lock:
            while self._networks:
                self._networks.pop()[0].close()

    def _written(self, term: Term) -> str:
        if isinstance(term, Group):
            return f'{{"${term.op}":[{",".join(self._written(part) for part in term.parts)}]}}'
        name = self._attributes.name(term)
        if isinstance(term, Bit):
            return f'{{"{name}":1}}'
        constant = _constant(term)
        return f'{{"{name}":{constant}}}' if term.op == "==" else f'{{"{_OPS[term.op]}":{{"{name}":{constant}}}}}'


def _constant(test: Test) -> str:
    if isinstance(test.value, bool):
        return "true" if test.value else "false"
    return text(test.value) if isinstance(test.value, str) else decimal(float(test.value))


def bearable(term: Term) -> Term:
    """The term with what the matcher would not answer exactly made a bit."""
    term = _exact(term)
    return whole(term) if ways(term) > MOST_WAYS or _groups(term) > MOST_GROUPS else term


def _exact(term: Term) -> Term:
    if isinstance(term, Group):
        return Group(term.op, tuple(_exact(part) for part in term.parts)) if term.parts else whole(term)
    return whole(term) if isinstance(term, Test) and not exact(term) else term


def packed(terms: Mapping[str, Term], name_of: Callable[[Test | Bit], str]) -> Iterator[list[str]]:
    """The rules in rulesets, each with at most `MOST_PATHS` ways to hold and `MOST_NAMES` names."""
    part: list[str] = []
    names: set[str] = set()
    paths = 0
    for short, term in terms.items():
        own = {name_of(leaf) for leaf in leaves(term)}
        if part and (paths + ways(term) > MOST_PATHS or len(names | own) > MOST_NAMES):
            yield part
            part, names, paths = [], set(), 0
        part.append(short)
        names |= own
        paths += ways(term)
    if part:
        yield part


def ways(term: Term) -> int:
    """In how many ways a term may hold: what it may take of the matcher's stack."""
    if isinstance(term, Group):
        counts = [ways(part) for part in term.parts]
        return math.prod(counts) if term.op == "and" else sum(counts)
    return 1


def _groups(term: Term) -> int:
    return 1 + sum(_groups(part) for part in term.parts) if isinstance(term, Group) else 0
