"""Reading a file of events: one JSON object a line, in the order of arrival."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from engine.define.events import read_event
from engine.model.errors import BadEvent
from engine.model.event import Event
from engine.model.vocabulary import Vocabulary

LONGEST_LINE = 1_000_000


@dataclass(frozen=True, slots=True)
class SetAside:
    """A line that is no event of this vocabulary, and why."""

    line: int
    reason: str
    text: str


def read_lines(lines: Iterable[bytes], vocabulary: Vocabulary) -> Iterator[Event | SetAside]:
    """Each line as an event, or set aside with its reason; empty lines are passed over.

    Arrival is the event's `received`, else the greatest `at` so far.
    """
    decode = msgspec.json.Decoder().decode
    latest = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            if len(line) > LONGEST_LINE:
                raise BadEvent("line", f"{len(line):,} bytes; {LONGEST_LINE:,} are the most")
            event = read_event(vocabulary, decode(line), None)
        except BadEvent as fault:
            yield SetAside(number, fault.sentence(), _shown(line))
            continue
        except UnicodeDecodeError:
            yield SetAside(number, "line: this is no UTF-8 text", _shown(line))
            continue
        except (msgspec.DecodeError, RecursionError) as fault:
            yield SetAside(number, f"line: this is not JSON: {fault}", _shown(line))
            continue
        if event.received > latest:
            latest = event.received
        elif event.received < latest:
            event = msgspec.structs.replace(event, received=latest)
        yield event


def _shown(line: bytes) -> str:
    return line[:200].decode("utf-8", "replace").strip()
