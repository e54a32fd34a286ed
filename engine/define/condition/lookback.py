"""The tail of a look-back: which event, how often, how far back."""

from __future__ import annotations

import re
from typing import Any

from engine.define.condition.fault import Fault
from engine.define.condition.names import Names, nearest
from engine.define.span import parse_span
from engine.model.span import DAY, HOUR, MINUTE, SECOND
from engine.model.vocabulary import EventType


def event_named(name: str, names: Names, *, bare: bool) -> EventType:
    """The declared event, or a Fault that guesses what was meant. `bare`: nothing else was written."""
    if name in names.events:
        return names.events[name]
    root, dot, _ = name.partition(".")
    if dot and (root in names.roots or not names.events):
        raise Fault(f"'{name}' alone says nothing", f"Write what it must be: '{name} is ...'.")
    for kind, known in (("segment", names.segments), ("mark", names.marks)):
        if bare and known and name in known:
            raise Fault(f"'{name}' is a {kind}", f"Write '{kind} {name}'.")
    near = nearest(name, names.events)
    owners = [root for root, fields in names.roots.items() if fields and name in fields]
    if not near and owners:
        raise Fault(f"'{name}' is no event; it is a property", f"Write '{owners[0]}.{name} is ...'.")
    raise Fault(f"no event '{name}' is declared in the vocabulary", near)


def read_times(tree: Any, event: str) -> tuple[str, int]:
    """('>=' | '<=' | 'is', how often)."""
    words = [str(child) for child in tree.children]
    if words == ["once"]:
        return "is", 1
    number = words[-1]
    if not re.fullmatch("[0-9]{1,6}", number):
        raise Fault(f"'{number}' is not how often something happens", f"Write '{' '.join(words[:-1])} 3 times'.")
    count = int(number)
    op = {"least": ">=", "most": "<="}.get(words[-2], "is")
    if count == 0:
        never = "It always does: leave it out." if op == ">=" else f"Write 'no {event}'."
        raise Fault(f"'{' '.join(words)} times' is not how it is said", never)
    return op, count


def read_window(tree: Any, event: EventType) -> int:
    """How far back, in ms."""
    written = " ".join(str(child) for child in tree.children[2:])
    try:
        length = parse_span(written).elapsed
    except ValueError as error:
        raise Fault(str(error)) from None
    if length == 0:
        raise Fault(f"a look-back of {written} sees nothing")
    if length > event.keep:
        where = f" ({event.place})" if event.place.file else ""
        raise Fault(
            f"{event.name} is kept {duration(event.keep)}{where}, so nothing can look back {written}",
            f"Look back {duration(event.keep)} at most, or keep it longer.",
        )
    return length


def duration(ms: int) -> str:
    """A length of time in one unit: '90d', '24h', '45m'."""
    for size, unit, least in ((DAY, "d", 2), (HOUR, "h", 1), (MINUTE, "m", 1)):
        if ms % size == 0 and ms >= least * size:
            return f"{ms // size}{unit}"
    return f"{ms // SECOND}s" if ms % SECOND == 0 else f"{ms}ms"
