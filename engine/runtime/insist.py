"""Writing what only this process knows, although the store is away for a moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from engine.runtime.store import StoreError

T = TypeVar("T")
INSIST_SECONDS = 12.0  # a killed Redis is back by then, and the lease of what is being sent is not over
PAUSE, LONGEST_PAUSE = 0.05, 1.0


def insist(write: Callable[[], T]) -> T:
    """Do `write`, again and again while the store does not answer. Raises StoreError when it stays away.

    What is written must bear being written twice: the first answer may be what got lost.
    """
    until, pause = time.monotonic() + INSIST_SECONDS, PAUSE
    while True:
        try:
            return write()
        except StoreError:
            if time.monotonic() + pause > until:
                raise
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
