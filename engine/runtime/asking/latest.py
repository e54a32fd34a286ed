"""What this process knows without asking anybody: the time, the plan, what is stopped, what was learned.

A thread looks twice a second. While the store is away everything stays as it was last seen, and the time runs on.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from engine.decide.lineup import lineup_of
from engine.model.condition import Scope
from engine.runtime.calm import stay_calm
from engine.runtime.engine import Engine
from engine.runtime.meters import meters
from engine.runtime.plans import Running
from engine.runtime.store import Pulse

log = logging.getLogger("parcours.decisions")

EVERY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Known:
    """One look: all that answers go by until the next."""

    pulse: Pulse
    running: Running

    def now(self) -> int:
        """Engine time."""
        return self.pulse.time.now()


class Latest:
    """The newest `Known`. The first use looks; then a thread does, until `close`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: Known | None = None
        self._failures = 0
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def get(self) -> Known:
        """What is known. Raises SetupError while nothing is published, StoreError when the store was never there."""
        if self._known is None:
            with self._lock:
                if self._known is None:
                    self.look()
                    self._thread = threading.Thread(target=self._run, name="decisions-latest", daemon=True)
                    self._thread.start()
        assert self._known is not None
        return self._known

    @property
    def ready(self) -> bool:
        """Whether `get` answers at once."""
        return self._known is not None

    def look(self) -> None:
        """Look now. A plan that is new is ready to be asked before anybody is answered by it."""
        pulse = self._engine.store.pulse()
        running = self._engine.plans.at(pulse.plan)
        if self._known is None or self._known.running is not running:
            self._prepare(running)
        failures = running.plan.rulebook.failures
        meters().rules_failed(max(0, failures - self._failures))
        self._failures = failures
        self._known = Known(pulse, running)

    def _prepare(self, running: Running) -> None:
        """Whoever is the first to be answered by a plan does not wait for its networks, actions or templates."""
        running.plan.rulebook.conclude(Scope(now=0))
        lineup_of(running.plan)
        if running.renderer is not None:
            running.renderer.prepare({each.message for each in running.plan.actions.values()})
        stay_calm()

    def close(self) -> None:
        """End the thread."""
        self._end.set()
        if self._thread is not None:
            self._thread.join(2.0)

    def _run(self) -> None:
        while not self._end.wait(EVERY_SECONDS):
            try:
                self.look()
            except Exception as fault:  # what was seen last stands until the next look
                log.warning("decisions go by what was known before: %s", fault)
                self._end.wait(1.0)
