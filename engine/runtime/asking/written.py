"""What is to be kept of an answer, and the call of the store's function that keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from engine.model.decision import Decision
from engine.model.ids import shard_of
from engine.model.record import Told as Line
from engine.model.span import DAY
from engine.runtime import keys
from engine.runtime.asking.fetch import RESERVED
from engine.runtime.blob import pack
from engine.runtime.bundles import Call
from engine.runtime.decisions import Recorded, packed
from engine.runtime.lua import function

KEEP = DAY + 3_600_000  # ms: what was shown stays the answer for a day
_answer = msgspec.msgpack.Decoder(tuple[str, bytes])


@dataclass(frozen=True, slots=True)
class Written:
    """One decision. `home` is whose shard it belongs to, `known` whether that is a customer; `words` are new ones."""

    recorded: Recorded
    home: str
    known: bool
    words: Mapping[str, bytes] = field(default_factory=dict)
    request: str = ""


class Told(NamedTuple):
    """The call that keeps one decision, which belongs to `request` ('' = none)."""

    call: Call
    request: str


def told_call(each: Written, timeline: int) -> Told:
    """The keys and arguments of `told`; `timeline` is how many lines a customer's timeline keeps."""
    shard, decision = shard_of(each.home), each.recorded.decision
    names = [
        keys.profile(shard, each.home),
        keys.log(shard),
        keys.words(shard, each.home),
        keys.asked(shard, each.home),
        keys.timeline(shard, each.home),
    ]
    known = "1" if each.known else ""
    said = [part for pair in each.words.items() for part in pair]
    record = packed(each.recorded)
    line, alike = _line(decision) if each.known and timeline else (b"", "")
    more = (line, alike, timeline, *said)
    call = (names, (known, decision.at, decision.plan, each.home, record, KEEP, each.request, *more))
    return Told(call, each.request)


def _line(decision: Decision) -> tuple[bytes, str]:
    """What the customer's timeline says of an answer that shows something: one line for each placement and (UTC) day,
    and what in the line says which."""
    if not decision.shown:
        return b"", ""
    alike = f";{decision.placement}@{decision.at // DAY};"
    said = {"action": ", ".join(decision.shown), "placement": decision.placement}
    return pack(Line(at=decision.at, kind="decided", id=alike, extra=said, plan=decision.plan)), alike


def keep_command(request: str, answer: bytes) -> tuple[Any, ...]:
    """The command that keeps the answer to a request, unless there is another one."""
    return ("FCALL", function("keep"), 1, keys.request(request), RESERVED, answer, DAY)


def kept_answer(digest: str, body: bytes) -> bytes:
    """An answer as it is kept, with what stands for its question."""
    return pack((digest, body))


def opened_answer(packed: bytes) -> tuple[str, bytes]:
    """The digest of a question, and its answer as JSON."""
    return _answer.decode(packed)


def read_answer(packed: bytes) -> Any:
    """A kept answer as data."""
    return msgspec.json.decode(opened_answer(packed)[1])
