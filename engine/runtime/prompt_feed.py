"""What stores show, told to any number of listeners of this process over one connection to Redis.

A thread waits for the list of stores that have changed, and reads what happened in those that somebody listens to.
Every SWEEP seconds it looks at all of them, should a change not have been announced. Each listener hears every event
after the one it joined at, once, in order.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from engine.runtime.engine import Engine
from engine.runtime.store_prompts import PAGE, Happened, Table, place

log = logging.getLogger("parcours.prompts")

BLOCK_MS = 500
SWEEP = 2.0
BEHIND = 2_000  # events that a listener may be behind; then it is let go, and begins again where it was


class Listener:
    """One tablet. `table` is what it sees first (None: it goes on after the event it named)."""

    def __init__(self, store_id: str, wake: Callable[[], None]) -> None:
        self.store_id, self._wake = store_id, wake
        self.table: Table | None = None
        self.over = False
        self._after: tuple[int, int] | None = None
        self._heard: deque[Happened] = deque()

    def tell(self, events: Iterable[Happened]) -> None:
        """Something happened; what this listener has seen already is left out."""
        self._heard.extend(events)
        if len(self._heard) > BEHIND:
            self.over = True
        if self._after is not None:
            self._wake()

    def begin(self, after: str, missed: Sequence[Happened]) -> None:
        """All until `after` is known to it; `missed` came next, and perhaps what it was told meanwhile."""
        self._heard.extendleft(reversed(missed))
        self._after = place(after)
        self._wake()

    def end(self) -> None:
        """Nothing more comes."""
        self.over = True
        self._wake()

    def take(self) -> list[Happened]:
        """What it has not heard yet."""
        found = []
        while self._heard and self._after is not None:
            event = self._heard.popleft()
            here = place(event.id)
            if here > self._after:
                self._after = here
                found.append(event)
        return found


class PromptFeed:
    """Joins listeners to stores. Its thread begins with the first one and ends when nobody listens."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._listeners: dict[str, list[Listener]] = {}
        self._places: dict[str, str] = {}
        self._thread: threading.Thread | None = None
        self._closed = False

    def join(self, listener: Listener, after: str = "") -> None:
        """Let `listener` hear of its store: everything after the event `after`, or else from a picture of now on.

        Raises StoreError when the store is away.
        """
        with self._lock:
            if self._closed:
                listener.end()
                return
            self._listeners.setdefault(listener.store_id, []).append(listener)
        try:
            if not (after and self._engine.store.prompts.tells_since(listener.store_id, after)):
                listener.table = self._engine.store.prompts.table(listener.store_id)
                after = listener.table.last
            missed, reached = self._missed(listener.store_id, after)
            self._follow(listener.store_id, reached)
            missed += self._missed(listener.store_id, reached)[0]  # between the first look and the thread's
        except BaseException:
            self.leave(listener)
            raise
        listener.begin(after, missed)

    def _missed(self, store_id: str, after: str) -> tuple[list[Happened], str]:
        """Everything after an event, and the last one's id."""
        found: list[Happened] = []
        while events := self._engine.store.prompts.since({store_id: after}).get(store_id):
            found += events
            after = events[-1].id
        return found, after

    def _follow(self, store_id: str, reached: str) -> None:
        """Have the thread tell what happens after `reached`; who has heard it already leaves it out."""
        with self._lock:
            if store_id not in self._listeners:
                return
            known = self._places.get(store_id)
            if known is None or place(reached) < place(known):
                self._places[store_id] = reached
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="prompts", daemon=True)
                self._thread.start()

    def leave(self, listener: Listener) -> None:
        """It hears nothing more."""
        with self._lock:
            self._remove(listener)

    def end(self) -> None:
        """Let all listeners go, and take no more."""
        self._closed = True
        self._let_go()

    def close(self) -> None:
        """The same, and wait for the thread's end."""
        self.end()
        thread = self._thread
        if thread is not None:
            thread.join()

    def _remove(self, listener: Listener) -> None:
        others = [each for each in self._listeners.get(listener.store_id, ()) if each is not listener]
        if others:
            self._listeners[listener.store_id] = others
        else:
            self._listeners.pop(listener.store_id, None)
            self._places.pop(listener.store_id, None)

    def _let_go(self) -> None:
        with self._lock:
            everybody = [each for many in self._listeners.values() for each in many]
            self._listeners.clear()
            self._places.clear()
        for each in everybody:
            each.end()

    def _run(self) -> None:
        heard, swept = "", 0.0
        while True:
            with self._lock:
                if not self._listeners:
                    self._thread = None
                    return
            try:
                heard = heard or self._engine.store.prompts.newest_change()
                everywhere = time.monotonic() - swept > SWEEP
                heard, changed = self._engine.store.prompts.changed(heard, 1 if everywhere else BLOCK_MS)
                swept = time.monotonic() if everywhere else swept
                self._pass_on(None if everywhere else changed)
            except Exception as fault:  # they come again, and are answered when the store is
                if not self._closed:
                    log.warning("tills are let go and will come again: %s", fault)
                self._let_go()

    def _pass_on(self, stores: set[str] | None) -> None:
        """Tell the listeners of these stores (None: of all) what happened there."""
        while True:
            with self._lock:
                asked = {name: at for name, at in self._places.items() if stores is None or name in stores}
            found = self._engine.store.prompts.since(asked)
            with self._lock:
                for name, events in found.items():
                    if self._places.get(name) == asked[name]:  # else somebody has joined further back: again from there
                        self._places[name] = events[-1].id
                    for listener in list(self._listeners.get(name, ())):
                        listener.tell(events)
                        if listener.over:
                            listener.end()
                            self._remove(listener)
            more = {name for name, events in found.items() if len(events) == PAGE}
            if not more:
                return
            stores = more
