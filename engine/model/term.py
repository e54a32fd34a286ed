"""A rule's condition in the form that a matcher of many rules takes: comparisons it does itself, and bits.

A `Test` compares one value with a constant; a `Bit` is asked beforehand, in Python. Both are false where a value is
missing or of another kind, as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from engine.model.condition import Path, Scope

Kind = Literal["text", "number", "yes_no"]


@dataclass(frozen=True, slots=True)
class Test:
    """`path op value`; `op` is ==, !=, <, <=, > or >=. `read` finds the value in a scope (None: not there), `holds`
    asks the whole question in Python."""

    path: Path
    kind: Kind
    op: str
    value: str | float | bool
    read: Callable[[Scope], Any]
    holds: Callable[[Scope], bool]


@dataclass(frozen=True, slots=True)
class Bit:
    """Anything else: `holds` answers, and never raises. Two bits that ask the same (`asks`) are one."""

    asks: Hashable
    holds: Callable[[Scope], bool]


@dataclass(frozen=True, slots=True)
class Group:
    """All of `parts` (`op` = and), or any of them (`op` = or)."""

    op: str
    parts: tuple[Term, ...]


Term = Test | Bit | Group


def leaves(term: Term) -> Iterator[Test | Bit]:
    """The tests and bits of a term, in the order they are written."""
    if isinstance(term, Group):
        for part in term.parts:
            yield from leaves(part)
    else:
        yield term


def holds(term: Term, scope: Scope) -> bool:
    """What a term says, asked in Python."""
    if isinstance(term, Group):
        every = all if term.op == "and" else any
        return every(holds(part, scope) for part in term.parts)
    return term.holds(scope)


def whole(term: Term) -> Bit:
    """A term as one bit."""
    return Bit(term, lambda scope: holds(term, scope))
