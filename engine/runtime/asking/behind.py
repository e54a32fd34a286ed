"""What is written behind an answer: its record, the words that were used, the answer itself for a repeated request.

A thread writes in batches, many answers in one round trip. What was not written when the process is killed is lost:
no answer depends on it but a repeated one. While the store is away the newest wait, and older ones are given up.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from engine.model.decision import Decision
from engine.model.ids import shard_of
from engine.model.span import DAY
from engine.runtime import keys
from engine.runtime.blob import pack
from engine.runtime.decisions import packed
from engine.runtime.engine import Engine

_answer = msgspec.msgpack.Decoder(tuple[str, bytes])
log = logging.getLogger("parcours.decisions")

EVERY_SECONDS = 0.02
BATCH = 200
MOST_WAITING = 20_000
KEEP = DAY + 3_600_000  # ms: what was shown stays the answer for a day


@dataclass(frozen=True, slots=True)
class Written:
    """One decision. `home` is whose shard it belongs to, `known` whether that is a customer; `words` are new ones."""

    decision: Decision
    home: str
    known: bool
    words: Mapping[str, bytes] = field(default_factory=dict)
    request: str = ""


def kept_answer(digest: str, body: bytes) -> bytes:
    """An answer as it is kept, with what stands for its question."""
    return pack((digest, body))


def opened_answer(packed: bytes) -> tuple[str, bytes]:
    """The digest of a question, and its answer as JSON."""
    return _answer.decode(packed)


def read_answer(packed: bytes) -> Any:
    """A kept answer as data."""
    return msgspec.json.decode(opened_answer(packed)[1])


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
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="decisions-behind", daemon=True)
                self._thread.start()
        self._wake.set()

    def answered(self, request: str) -> bytes | None:
        """An answer that is still to be written."""
        return self._answers.get(request)

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
            self._write(batch, answers)
        except BaseException:
            with self._lock:
                self._waiting.extendleft(reversed(batch))
            raise
        with self._lock:
            for request in answers:
                self._answers.pop(request, None)
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

    def _write(self, batch: Sequence[Written], answers: Mapping[str, bytes]) -> None:
        if answers:
            pipe = self._engine.store.pipeline()
            for request, answer in answers.items():
                pipe.set(keys.request(request), answer, nx=True, px=DAY)
            pipe.execute()
        calls = []
        for each in batch:
            shard, decision = shard_of(each.home), each.decision
            names = [
                keys.profile(shard, each.home),
                keys.log(shard),
                keys.words(shard, each.home),
                keys.asked(shard, each.home),
            ]
            known = "1" if each.known else ""
            said = [part for pair in each.words.items() for part in pair]
            record = packed(decision)
            calls.append((names, (known, decision.at, decision.plan, each.home, record, KEEP, each.request, *said)))
        written = self._engine.store.calls("told", calls)
        gone = [each.request for each, ok in zip(batch, written, strict=True) if not ok and each.request]
        if gone:  # erased, or merged into another, while it was on its way
            pipe = self._engine.store.pipeline()
            for request in gone:
                pipe.delete(keys.request(request))
            pipe.execute()
