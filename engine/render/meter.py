"""How much one rendering may do: a fuel tank per thread, filled at the start of each rendering.

Loops pay for every round, calls and operators for every use. A template bomb runs dry within
milliseconds instead of holding a worker until its time limit.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sized
from itertools import islice
from typing import Any

FUEL = 100_000
LONGEST_VALUE = 100_000


class TooMuch(Exception):
    """The template asked for more work or text than a message may need; carries the sentence."""


class Meter(threading.local):
    """`left` is the fuel of the rendering going on in this thread; `zone` the customer's time zone name."""

    left: int = FUEL
    zone: str = ""

    def start(self, zone: str) -> None:
        self.left = FUEL
        self.zone = zone

    def charge(self, amount: int = 1) -> None:
        """Pay for work. Raises TooMuch when the tank is empty."""
        self.left -= amount
        if self.left < 0:
            raise TooMuch(f"it takes more than {FUEL:,} steps: look for a loop inside a loop.")

    def items(self, iterable: Iterable[Any]) -> Iterable[Any]:
        """`iterable`, paid for in advance; what has no length becomes a list first."""
        if not isinstance(iterable, Sized):
            iterable = list(islice(iterable, self.left + 1))
        self.charge(len(iterable) + 1)
        return iterable

    def text(self, value: Any) -> Any:
        """`value`, refused when it is a text that no message needs."""
        if isinstance(value, str) and len(value) > LONGEST_VALUE:
            raise TooMuch(f"it builds a text of {len(value):,} characters; {LONGEST_VALUE:,} is the limit.")
        return value


METER = Meter()
