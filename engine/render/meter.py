"""How much one rendering may do: a fuel tank per thread, filled at the start of each rendering.

Loops pay for every round, calls and operators for every use, whatever goes through a filter, a test or a
comparison for its size. A template bomb runs dry within milliseconds instead of holding a worker until its
time limit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sized
from itertools import islice
from typing import Any

from jinja2 import Undefined

FUEL = 50_000
LONGEST_VALUE = 100_000
_STEP = 64
_LARGEST = 1e15  # of an amount of money
_INCLUDE = 500
_WEIGHTY = (str, Mapping, list, tuple, set, frozenset)


class TooMuch(Exception):
    """The template asked for more work or text than a message may need; carries the sentence."""


class Meter(threading.local):
    """`left` is the fuel of the rendering going on in this thread; `zone` the customer's time zone name,
    `now` its instant (epoch ms; 0 where time does not matter), `listed` the products that stand in for an event's.
    `read` are the numbers of things that were looked at (each alone, and times its quantity), `amounts` those that were
    written as money. `known` is what was given for a value that several parts ask for, by its `id`: who gave it, the
    value, what for it; `whole` the text that a macro made last: what is in it was looked at when it was put there."""

    left: int = FUEL
    zone: str = ""
    now: int = 0
    listed: Callable[[Any], Any] | None = None

    def __init__(self) -> None:
        self.whole: Any = None
        self.known: dict[int, tuple[Any, Any, Any]] = {}
        self.read: dict[str, tuple[float, float]] = {}
        self.amounts: set[Any] = set()

    def start(self, zone: str, now: int = 0, listed: Callable[[Any], Any] | None = None) -> None:
        self.left = FUEL
        self.zone = zone
        self.now = now
        self.listed = listed
        self.read, self.amounts = {}, set()
        self.known = {}
        self.whole = None

    def figures(self) -> dict[str, float]:
        """What has been said of things: `products/boots.price` -> the number, wherever it (or so many times it, as a
        line of a basket has it) was written as an amount of money."""
        amounts = self.amounts
        if not amounts or not self.read:
            return {}
        return {
            name: float(one)
            for name, (one, many) in self.read.items()
            if (one in amounts or many in amounts) and abs(one) <= _LARGEST
        }

    def charge(self, amount: int = 1) -> None:
        """Pay for work. Raises TooMuch when the tank is empty."""
        self.left = left = self.left - amount  # each look at what is a thread's own takes as long as the rest of it
        if left < 0:
            raise TooMuch(f"it takes more than {FUEL:,} steps: look for a loop inside a loop.")

    def weigh(self, value: Any) -> Any:
        """`value`, paid for by its size: 64 characters of a text, an item of a list, eight of a mapping are a step.

        What a group holds is paid for too, and as often as it holds it: a list of the same list of the same
        list is as large as it would be written out.
        """
        if isinstance(value, str):
            if len(value) >= _STEP:
                self.charge(len(value) // _STEP)
        elif value is None or isinstance(value, int | float):
            pass
        elif isinstance(value, Mapping):
            self.charge(1 + (len(value) >> 3))
            for each in value.values():
                if isinstance(each, _WEIGHTY):
                    self.weigh(each)
        elif isinstance(value, list | tuple | set | frozenset):
            self.charge(1 + len(value))
            for each in value:
                if isinstance(each, _WEIGHTY):
                    self.weigh(each)
        elif isinstance(value, Sized) and not isinstance(value, Undefined):
            self.charge(1 + len(value))
        return value

    def items(self, iterable: Iterable[Any], each: int = 1) -> Collection[Any]:
        """`iterable`, paid for in advance, `each` for an item; what has no length becomes a list first."""
        found = (
            iterable
            if type(iterable) is list or isinstance(iterable, Collection)
            else list(islice(iterable, self.left // each + 1))
        )
        self.charge(len(found) * each + 1)
        return found

    def include(self, name: Any) -> Any:
        """The `name` of a template that is included or imported, paid for: each may include more."""
        self.charge(_INCLUDE)
        return name

    def text(self, value: Any) -> Any:
        """`value`, refused when it is a text that no message needs; a list is paid for."""
        if isinstance(value, str) and len(value) > LONGEST_VALUE:
            raise TooMuch(f"it builds a text of {len(value):,} characters; {LONGEST_VALUE:,} is the limit.")
        return self.weigh(value) if isinstance(value, list | tuple) else value


METER = Meter()
