"""A value that is not there: tests on it are false, showing it is an error."""

from __future__ import annotations

from functools import partial
from typing import Any

from jinja2 import StrictUndefined, UndefinedError


class MissingValue(UndefinedError):
    """`name` was asked of `owner` (None: of the message's roots) and was absent, None or blank."""

    def __init__(self, name: str, owner: Any, message: str = "") -> None:
        super().__init__(message or f"'{name}' is missing")
        self.name = name
        self.owner = owner


def _no(self: Any, *_: object) -> bool:
    return False


class Missing(StrictUndefined):
    """As in conditions, a comparison with a missing value is false; `default` and `is defined` work.

    Everything that would put it before a customer raises MissingValue: output, loops, lengths, sums.
    """

    __slots__ = ()

    def __init__(self, hint: str | None = None, obj: Any = None, name: str | None = None, exc: Any = None) -> None:
        super().__init__(hint, None, name)
        shown: Any = partial(_missing, str(name), obj, hint)
        self._undefined_exception = shown


def _missing(name: str, owner: Any, hint: str | None, message: str = "") -> MissingValue:
    return MissingValue(name, owner, hint or "")


# Set from outside: the base class assigns these by name as well, to a method that always raises.
for _test in ("eq", "ne", "bool", "lt", "le", "gt", "ge", "contains"):
    setattr(Missing, f"__{_test}__", _no)
Missing.__hash__ = object.__hash__  # type: ignore[method-assign,assignment]
