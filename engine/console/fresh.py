"""What many pages ask at once is found out once, and is good for a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

Source = TypeVar("Source")
Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")
PACE = 1.0  # 0: everything is asked anew, for tests
MOST = 200  # answers about one source, the latest


class _Slot(Generic[Found]):
    """One question: whoever asks while it is being answered waits for that answer."""

    __slots__ = ("at", "lock", "value")

    def __init__(self) -> None:
        self.lock, self.at, self.value = threading.Lock(), float("-inf"), list[Found]()


class Fresh(Generic[Source, Key, Found]):
    """Answers about a source (a store), each good for `seconds`; they go with the source. Threads share it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._known: WeakKeyDictionary[Source, dict[Key, _Slot[Found]]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def ask(self, source: Source, key: Key, find: Callable[[], Found]) -> Found:
        """What `find` said about this less than `seconds` ago, else what it says now. What it raises is raised."""
        with self._lock:
            slots = self._known.setdefault(source, {})
            slot = slots.pop(key, None) or _Slot()
            slots[key] = slot  # the one asked last goes last
            while len(slots) > MOST:
                del slots[next(iter(slots))]
        with slot.lock:
            if not slot.value or time.monotonic() - slot.at >= self.seconds * PACE:
                slot.value, slot.at = [find()], time.monotonic()
            return slot.value[0]
