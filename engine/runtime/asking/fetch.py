"""Reading a customer in one round trip: who it is, the profile, what is blocked, what was said, what was answered.

The index of identities lies elsewhere than the profile. So the profile is guessed (as whoever had this identifier
last, or as the one that a new identifier makes), and the index says in the same round trip whether that was right.
Where it was not, or the customer was merged into another, a second one is needed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import redis

from engine.journey.identity import Link
from engine.model.ids import profile_id, shard_of
from engine.runtime import keys
from engine.runtime.asking.line import Line, Words
from engine.runtime.asking.question import Question
from engine.runtime.engine import Engine
from engine.runtime.lua import function
from engine.runtime.shard_data import MOST_MERGES
from engine.runtime.store import StoreError

MOST_KNOWN = 50_000
RESERVED = b"?"  # in place of an answer: a process is making it
RESERVED_MS = 1_000  # it is given up on after so long


@dataclass(frozen=True, slots=True)
class Found:
    """`profile` is the id of who asks (that a new customer would have, for a stranger), `blob` what is kept of them,
    None for a stranger; `events` those that were accepted and are still to be processed, `answer` what this request was
    told before; `elsewhere` when another process is answering this request at this moment."""

    profile: str
    blob: bytes | None = None
    blocks: tuple[str, ...] = ()
    words: Mapping[str, bytes] = field(default_factory=dict)
    events: tuple[bytes, ...] = ()
    answer: bytes | None = None
    elsewhere: bool = False


class Reader:
    """Reads customers. Threads share it. A request that nobody has answered is reserved for who reads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reserve = function("reserve")
        self._owners: OrderedDict[Link, str] = OrderedDict()
        self._function = function("ask")

    def read(self, question: Question) -> Found:
        """Raises StoreError."""
        steps, answers = self._steps(question), None
        while True:
            try:
                wanted = steps.send(answers)
            except StopIteration as end:
                found: Found = end.value
                return found
            pipe = self._engine.store.pipeline()
            for words in wanted:
                pipe.execute_command(*words)
            answers = pipe.execute()

    async def read_by(self, line: Line, question: Question, until: float) -> Found | None:
        """The same by a line, until then (loop's time, s); None where the store's answer is none that is known here,
        such as that a server has lost our functions: `read` knows what to do.

        Raises TimeoutError, StoreError.
        """
        steps, answers = self._steps(question), None
        while True:
            try:
                wanted = steps.send(answers)
            except StopIteration as end:
                found: Found = end.value
                return found
            try:
                answers = await line.ask(wanted, until)
            except redis.ConnectionError:  # it broke meanwhile: nothing is changed by asking again
                answers = await line.ask(wanted, until)
            for each in answers:
                if isinstance(each, StoreError):
                    return None

    def _steps(self, question: Question) -> Generator[Sequence[Words], Any, Found]:
        """What is asked, in turn: usually it is all told at the first."""
        guess = question.profile or self._guess(question.links)
        wanted: list[Words] = [("GET", keys.identity(*link)) for link in question.links]
        if question.request:
            wanted.append(("FCALL", self._reserve, 1, keys.request(question.name()), RESERVED, RESERVED_MS))
        wanted.append(self._ask(guess))
        answers = yield wanted
        told = answers[-2] or None if question.request else None
        elsewhere, told = told == RESERVED, None if told == RESERVED else told
        owners = [owner.decode() if owner else "" for owner in answers[: len(question.links)]]
        owner = question.profile or next(filter(None, owners), "")
        if not owner:  # nobody has these, or nobody any more: whoever comes next is not who was erased
            return Found(self._forget(question.links), answer=told, elsewhere=elsewhere)
        here, found = guess, answers[-1]
        for _ in range(MOST_MERGES):
            if owner != here:
                here = owner
                (found,) = yield [self._ask(owner)]
            owner = found[1].decode()
            if not owner:
                break
        if here != guess:
            self._remember(question.links, owners, here)
        blob, _, blocks, words, events = found
        return Found(here, blob or None, tuple(_pairs(blocks)), _pairs(words), tuple(events), told, elsewhere)

    def _ask(self, profile: str) -> Words:
        shard = shard_of(profile)
        names = [keys.profile(shard, profile), keys.block(shard, profile), keys.words(shard, profile)]
        return ("FCALL", self._function, 5, *names, keys.heed(shard, profile), keys.inbox(shard))

    def _guess(self, links: Sequence[Link]) -> str:
        for link in links:
            known = self._owners.get(link)
            if known is not None:
                return known
        return profile_id(*links[0]) if links else ""

    def _forget(self, links: Sequence[Link]) -> str:
        """Nobody is known by these; what somebody new would be called."""
        for link in links:
            self._owners.pop(link, None)
        return self._guess(links)

    def _remember(self, links: Sequence[Link], owners: Sequence[str], home: str) -> None:
        """Who an identifier led to, as long as there is room: a guess that is always looked at again."""
        for link, owner in zip(links, owners, strict=True):
            if owner:
                self._owners[link] = home
        while len(self._owners) > MOST_KNOWN:
            self._owners.popitem(last=False)


def _pairs(flat: Sequence[bytes]) -> dict[str, bytes]:
    return {name.decode(): value for name, value in zip(flat[::2], flat[1::2], strict=True)}
