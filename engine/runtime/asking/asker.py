"""Answers channel apps: one round trip to the store, pure decisions, words; what is to be kept follows behind."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from engine.journey.core import handle_event
from engine.model.errors import ParcoursError
from engine.model.profile import Consent, Profile
from engine.render.outside import POOLS
from engine.runtime.asking.behind import Behind
from engine.runtime.asking.deciding import Deciding
from engine.runtime.asking.fetch import Found, Reader
from engine.runtime.asking.latest import Known, Latest
from engine.runtime.asking.line import Line
from engine.runtime.asking.outcomes import tell_outcome
from engine.runtime.asking.question import AnotherQuestion, Question
from engine.runtime.asking.safe import safe
from engine.runtime.asking.slices import Slices
from engine.runtime.asking.written import kept_answer, opened_answer
from engine.runtime.blob import read_arrival, read_profile
from engine.runtime.client import is_cluster
from engine.runtime.engine import Engine
from engine.runtime.meters import meters
from engine.runtime.store import StoreError

log = logging.getLogger("parcours.decisions")

HASTE = 0.6  # of the time that there is: what is begun later is only a fallback
PATIENCE = 0.4  # of it: so long another process may take that answers the same request
LOOK = 0.005  # seconds between two looks at whether it has
THREADS = 8
_encode = msgspec.json.Encoder().encode


class Asker:
    """Answers questions about customers, as JSON. Threads share it, and one event loop for which it was opened; `close`
    writes what is still to be kept."""

    def __init__(self, engine: Engine) -> None:
        self.latest = Latest(engine)
        self.behind = Behind(engine)
        self._engine, self._reader = engine, Reader(engine)
        self._line: Line | None = None
        self._slices: Slices | None = None
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="decisions")

    async def open(self) -> None:
        """Ask the store from the running loop from now on, where it is one server. Raises nothing."""
        if not is_cluster(self._engine.store.url):
            self._line = Line(self._engine.store.url)
            await self._line.open()
            self._slices = Slices(self.behind, self._line)

    async def leave(self) -> None:
        """The end of `open`: write what is left, and let go of the connection."""
        if self._slices is not None:
            await self._slices.close()
        if self._line is not None:
            self._line.close()
        self._line = self._slices = None

    def close(self) -> None:
        """Write what is left, and let go of the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.behind.close()
        self.latest.close()

    def warm(self) -> None:
        """Compile the plan and make the networks of its rules before somebody waits for them, where a plan is there."""
        try:
            self.latest.get()
        except (ParcoursError, StoreError) as fault:
            log.info("nothing can be decided yet: %s", fault)

    async def answer(self, question: Question) -> bytes:
        """The answer within the question's time, or what is safe to show. Raises AnotherQuestion, SetupError.

        Only what waits for the store leaves the loop: deciding keeps the processor busy, and threads that take it from
        each other would only make all of them late.
        """
        loop, begun = asyncio.get_running_loop(), time.monotonic()
        try:
            if self._asks_nobody():
                return self.decide(question, await self._found(question, loop), begun)
            asked = loop.run_in_executor(self._threads, self.ask, question)
            return await asyncio.wait_for(asked, question.budget)
        except TimeoutError:
            return self.safe(question, "out_of_time")
        except StoreError:
            return self.safe(question, "store_away")

    async def _found(self, question: Question, loop: asyncio.AbstractEventLoop) -> Found:
        begun = loop.time()
        until, patient = begun + question.budget, begun + question.budget * PATIENCE
        while self._line is not None:
            found = await self._reader.read_by(self._line, question, until)
            if found is None:
                break
            if not self._is_made_elsewhere(found, question) or loop.time() > patient:
                return found
            await asyncio.sleep(LOOK)
        asked = loop.run_in_executor(self._threads, self.read, question)
        return await asyncio.wait_for(asked, until - loop.time())

    def ask(self, question: Question) -> bytes:
        """The answer to one question: `read`, then `decide`. Raises as they do."""
        begun = time.monotonic()
        return self.decide(question, self.read(question), begun)

    def read(self, question: Question) -> Found:
        """What the store knows of whom the question is about. Raises StoreError.

        While another process answers the same request this waits for it, for a part of the time that there is.
        """
        patient = time.monotonic() + question.budget * PATIENCE
        while True:
            found = self._reader.read(question)
            if not self._is_made_elsewhere(found, question) or time.monotonic() > patient:
                return found
            time.sleep(LOOK)

    def _is_made_elsewhere(self, found: Found, question: Question) -> bool:
        """Whether this request is being answered, and not by this process a moment ago."""
        return found.elsewhere and self.behind.answered(question.name()) is None

    def _asks_nobody(self) -> bool:
        """Whether `decide` asks nobody: where messages give voucher codes, it may have to wait for the store."""
        return not self.latest.get().running.plan.catalog.get(POOLS)

    def decide(self, question: Question, found: Found, begun: float) -> bytes:
        """The answer to a question that came at `begun` (monotonic s), of what was `read`.

        Raises AnotherQuestion, SetupError while nothing is published, and StoreError for a voucher's pool.
        """
        known, name = self.latest.get(), question.name()
        before = found.answer or (self.behind.answered(name) if name else None)
        if before is not None:
            digest, body = opened_answer(before)
            if digest != question.digest():
                raise AnotherQuestion(question.request)
            _measure(question, "again", begun)
            return body
        until = begun + question.budget * HASTE
        made = Deciding(known, question, found, opened(known, found), name or question.mark, until)
        if made.hurried:
            made.body["degraded"] = "out_of_time"
        body = _encode(made.body)
        for each in made.written:
            decision = each.recorded.decision
            shown, fell_back = decision.shown, decision.fallback
            how = "out_of_time" if made.hurried else "fallback" if fell_back else "shown" if shown else "nothing"
            meters().decided(decision.placement, how, time.monotonic() - begun)
        self.behind.add(made.written, name, kept_answer(question.digest(), body) if name and not made.hurried else b"")
        return body

    def outcome(self, decision: str, action: str, outcome: str, who: Mapping[str, str], whom: str = "") -> bool:
        """Take in what became of an answer; see `tell_outcome`."""
        return tell_outcome(self._engine, decision, action, outcome, who, whom)

    def safe(self, question: Question, why: str) -> bytes:
        """What may be shown to anybody, where there is no time or no store. Raises SetupError."""
        body: Mapping[str, Any] = safe(self.latest.get(), question, why)
        _measure(question, why, time.monotonic())
        return _encode(body)


def _measure(question: Question, how: str, begun: float) -> None:
    for placement in question.placements:
        meters().decided(placement, how, time.monotonic() - begun)


def opened(known: Known, found: Found) -> Profile:
    """The customer, with what accepted events that are still to be processed have changed; somebody new for a
    stranger."""
    profile = read_profile(found.blob) if found.blob is not None else Profile(id=found.profile, label="")
    for packed in found.events:
        try:
            event = read_arrival(packed).event
            profile = handle_event(known.running.plan, profile, event, known.now(), known.pulse.flags).profile
        except Exception as fault:  # whoever processes it says so: it goes to the dead letters
            log.warning("an answer goes without an event that cannot be decided: %s", fault)
    for block in found.blocks:
        if not block.endswith("/*"):
            profile.consent[block] = Consent("denied", known.now(), "an event that is still to be processed")
    return profile
