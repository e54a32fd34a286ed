"""What is written behind an answer: its record, the words that were used, the answer itself for a repeated request.

It is written in batches, many answers in one round trip: by a thread, or by the event loop of the interface (see
`slices.py`). What was not written when the process is killed is lost: no answer depends on it but a repeated one. While
the store is away the newest wait, and older ones are given up.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence

from engine.runtime import keys
from engine.runtime.asking.written import Told, Written, keep_command, told_call
from engine.runtime.engine import Engine

log = logging.getLogger("parcours.decisions")

EVERY_SECONDS = 0.05
BATCH = 200
MOST_WAITING = 20_000


class Behind:
    """Writes what it is given, in order. Threads share it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: deque[Written] = deque()
        self._answers: dict[str, bytes] = {}
        self._wake = threading.Event()
        self._closed = False
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._thread: threading.Thread | None = None
        self._others: Callable[[], None] | None = None
        self.given_up = 0

    def add(self, written: Sequence[Written], request: str = "", answer: bytes = b"") -> None:
        """Have these written soon, and `answer` kept for whoever asks the same `request` again."""
        with self._lock:
            if answer:
                self._answers.setdefault(request, answer)
            self._waiting.extend(written)
            while len(self._waiting) > MOST_WAITING:
                self._waiting.popleft()
                self.given_up += 1
            if self._thread is None and self._others is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="decisions-behind", daemon=True)
                self._thread.start()
        if self._others is not None:
            self._others()
        else:
            self._wake.set()

    def answered(self, request: str) -> bytes | None:
        """An answer that is still to be written."""
        return self._answers.get(request)

    def leave_to(self, others: Callable[[], None] | None) -> None:
        """From now on somebody else writes, who is called when there is something; None: nobody else."""
        self._others = others

    def next(self) -> Written | None:
        """The first that waits to be written, which is then the caller's business."""
        try:
            return self._waiting.popleft()
        except IndexError:
            return None

    @property
    def timeline(self) -> int:
        """How many lines the timeline of a customer keeps."""
        return self._engine.store.timeline

    def waiting(self) -> int:
        """How many wait to be written."""
        return len(self._waiting)

    def answers(self) -> dict[str, bytes]:
        """The answers that are still to be written."""
        with self._lock:
            return dict(self._answers)

    def kept(self, answers: Iterable[str]) -> None:
        """These answers are written."""
        with self._lock:
            for request in answers:
                self._answers.pop(request, None)

    def flush(self) -> None:
        """Write everything now. Raises StoreError; what could not be written waits."""
        with self._writing:
            while self._some():
                pass

    def _some(self) -> bool:
        """Write the first of those that wait; False when there are none."""
        with self._lock:
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            answers = dict(self._answers)
        if not batch and not answers:
            return False
        try:
            self.write([told_call(each, self.timeline) for each in batch], answers)
        except BaseException:
            with self._lock:
                self._waiting.extendleft(reversed(batch))
            raise
        self.kept(answers)
        return True

    def close(self) -> None:
        """Write what is left, and end."""
        self._closed = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(5.0)

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            try:
                self.flush()
            except Exception as fault:
                log.warning("%d decisions wait to be written: %s", len(self._waiting), fault)
                if self._closed:
                    return
                self._wake.set()
                threading.Event().wait(1.0)
            if self._closed:
                return
            threading.Event().wait(EVERY_SECONDS)  # so that many are written together

    def write(self, batch: Sequence[Told], answers: Mapping[str, bytes]) -> None:
        """Write these, now. Raises StoreError."""
        if answers:
            pipe = self._engine.store.pipeline()
            for request, answer in answers.items():
                pipe.execute_command(*keep_command(request, answer))
            pipe.execute()
        written = self._engine.store.calls("told", [each.call for each in batch])
        gone = [each.request for each, ok in zip(batch, written, strict=True) if not ok and each.request]
        if gone:  # erased, or merged into another, while it was on its way
            pipe = self._engine.store.pipeline()
            for request in gone:
                pipe.delete(keys.request(request))
            pipe.execute()
