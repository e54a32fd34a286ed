"""What many pages ask at once is found out once, and is good for a moment."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

log = logging.getLogger("parcours.console")
Source = TypeVar("Source")
Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")
PACE = 1.0  # 0: everything is asked anew, for tests
DEAR = 0.1  # seconds: what took longer to find out is given once more while it is found out again
MOST = 200  # answers about one source, the latest


class _Slot(Generic[Found]):
    """One question: whoever asks while it is being answered waits for that answer."""

    __slots__ = ("at", "busy", "lock", "took", "value")

    def __init__(self) -> None:
        self.lock, self.at, self.took, self.value = threading.Lock(), float("-inf"), 0.0, list[Found]()
        self.busy = False

    def find(self, find: Callable[[], Found]) -> list[Found]:
        begun = time.monotonic()
        value = [find()]
        self.value, self.at, self.took = value, begun, time.monotonic() - begun
        return value

    def again(self, find: Callable[[], Found]) -> None:
        """Find it out anew, while the answer before is still given. Where that fails, the next one who asks is told."""
        try:
            self.find(find)
        except Exception:
            log.debug("what pages show could not be found out anew", exc_info=True)
        finally:
            self.busy = False


class Fresh(Generic[Source, Key, Found]):
    """Answers about a source (a store), each good for `seconds`; they go with the source. Threads share it.

    One that took long is given for ten times as long as that, at most for `longer` seconds, so that finding out never
    takes more than a tenth of a processor; and for `longer` seconds more while the next one is found out: nobody waits.
    """

    def __init__(self, seconds: float, longer: float = 0.0) -> None:
        self.seconds, self.longer = seconds, longer
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
            age = time.monotonic() - slot.at
            if slot.value and age < max(self.seconds, min(slot.took * 10, self.longer)) * PACE:
                return slot.value[0]
            if slot.value and slot.took > DEAR and age < (self.seconds + self.longer * 2) * PACE:
                if not slot.busy:
                    slot.busy = True
                    threading.Thread(target=slot.again, args=(find,), name="fresh", daemon=True).start()
                return slot.value[0]
            return slot.find(find)[0]
