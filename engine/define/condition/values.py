"""What a comparison does with the values it meets: total, and blind to types it does not know.

Values are what JSON brings: text, numbers, yes/no, lists, groups, nothing. `True` is not a number, a
number is not text, NaN is nothing, and whatever else turns up is equal to nothing.
"""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.model.condition import Scope
from engine.policy.wallclock import to_local

# Where a scope keeps what a path's root names; every other root is an object.
ROOTS = frozenset({"customer", "event", "start", "context", "reach"})
GROUPS = {"segment": "segments", "mark": "marks"}
_KINDS: dict[type, str] = {str: "text", int: "number", float: "number", bool: "yes_no"}
_DAY_OF_YEAR = re.compile(r"(?:[0-9]{4}|-)-([0-9]{2}-[0-9]{2})(?=[T ]|\Z)")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?=[T ]|\Z)")


def get(container: Any, name: str) -> Any:
    """A property of anything: None when there is none."""
    try:
        return container.get(name) if isinstance(container, Mapping) else None
    except Exception:
        return None


def follow(container: Any, names: Sequence[str]) -> Any:
    """A property of a property."""
    for name in names:
        container = get(container, name)
    return container


def kind(value: Any) -> str:
    """'text', 'number', 'yes_no', or '' for what cannot be compared."""
    known = _KINDS.get(type(value), "")
    return known if known != "number" or value == value else ""


def items(value: Any) -> Sequence[Any] | None:
    """The members of a list, or None when it is none."""
    return value if type(value) in (list, tuple) else None


def day(value: Any) -> str | None:
    """The day of an ISO date or time, else None."""
    found = _DAY.match(value) if type(value) is str else None
    return found.group() if found else None


def anniversary(value: Any, now: Any, zone: Any) -> bool:
    """Whether `now` (epoch ms) is, in `zone`, the day of the year of an ISO date (or of --MM-DD, year unknown).

    A 29 February has its day on the 28th where there is no 29th.
    """
    found = _DAY_OF_YEAR.match(value) if type(value) is str else None
    if found is None or type(now) is not int or type(zone) is not str:
        return False
    try:
        today = to_local(now, zone).date()
    except (OverflowError, ValueError):
        return False
    day = found.group(1)
    if day == "02-29" and not isleap(today.year):
        day = "02-28"
    return f"{today.month:02d}-{today.day:02d}" == day


def member(name: str, group: Any) -> bool:
    """Whether `name` is in a set of names, whatever that set is."""
    return type(group) in (frozenset, set) and name in group


def same(a: Any, b: Any) -> bool:
    """Equal, and of one kind."""
    known = kind(a)
    return bool(known and known == kind(b) and a == b)


def differ(a: Any, b: Any) -> bool:
    """Different, but both known and of one kind."""
    known = kind(a)
    return bool(known and known == kind(b) and a != b)


def contains(a: Any, b: Any) -> bool:
    """A list with an equal member, or a text with this text in it."""
    if type(a) is str:
        return type(b) is str and b in a
    return any(same(one, b) for one in items(a) or ())


def starts_with(a: Any, b: Any) -> bool:
    """A text that begins with this text."""
    return type(a) is str and type(b) is str and a.startswith(b)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def test(a: Any, b: Any) -> bool:
        if kind(a) == "number" and kind(b) == "number":
            return compare(a, b)
        a, b = day(a), day(b)
        return a is not None and b is not None and compare(a, b)

    return test


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "is": same,
    "is not": differ,
    "<": _ordered(lambda a, b: a < b),
    "<=": _ordered(lambda a, b: a <= b),
    ">": _ordered(lambda a, b: a > b),
    ">=": _ordered(lambda a, b: a >= b),
    "contains": contains,
    "starts with": starts_with,
}


def remembered(scope: Scope, event: str) -> list[Any]:
    """The past events of one name that are what they should be, oldest first."""
    past = items(get(scope.history, event)) or ()
    if kind(scope.now) != "number":
        return []
    return [p for p in past if hasattr(p, "id") and hasattr(p, "data") and isinstance(getattr(p, "at", None), int)]
