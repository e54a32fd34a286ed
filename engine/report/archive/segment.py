"""Segments: the log of all shards as it is taken, a piece at a time; one JSON object for each entry.

A segment's name says its day, its number and its shards, so that one that is written again replaces itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from engine.runtime.decisions import read_decision
from engine.runtime.learned import Lesson

FOLDER = "segments/"
AUDIT = -1  # stands for the shard of what operators have done
LESSONS = -2  # and of what was learned
LONGEST = 16_000_000  # bytes of a line; an event has at most 5,000,000
HEAD = ("shard", "logged", "n", "decided", "profile", "plan", "stopped")
Entry = tuple[int, str, Mapping[str, bytes]]  # shard, id of the entry, its fields
_NAME = re.compile(r"segments/(\d{4}-\d\d-\d\d)/(\d{12})\.s000-255\.ndjson")
_decode = msgspec.msgpack.Decoder().decode
_lesson = msgspec.msgpack.Decoder(Lesson).decode
_json = msgspec.json.Encoder().encode


def name_of(number: int, day: str) -> str:
    """Where segment `number` is, which was begun on `day`."""
    return f"{FOLDER}{day}/{number:012d}.s000-255.ndjson"


def read_name(name: str) -> tuple[int, str] | None:
    """Number and day of a segment; None when this is not the name of one."""
    found = _NAME.fullmatch(name)
    return (int(found[2]), found[1]) if found else None


def day_of(ms: int) -> str:
    """The day (UTC) of an instant in epoch ms, as 2026-03-01."""
    return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat()


def segment(entries: Iterable[Entry]) -> bytes:
    """The entries as lines, in the order given."""
    return b"".join(_lines(_entry(*entry)) for entry in entries)


def _lines(line: dict[str, Any]) -> bytes:
    """One line, but for an entry that is too long for whoever reads it: then one for each event and command."""
    packed = _json(line)
    if len(packed) <= LONGEST:
        return packed + b"\n"
    parts = [{name: [one]} for name in ("events", "commands") for one in line.pop(name, ())]
    head = {name: line[name] for name in HEAD if name in line}
    return b"".join(_json(each) + b"\n" for each in (*({**head, **part} for part in parts), line))


def _entry(shard: int, entry: str, fields: Mapping[str, bytes]) -> dict[str, Any]:
    logged, _, number = entry.partition("-")
    line: dict[str, Any] = {"shard": shard, "logged": int(logged), "n": int(number)}
    if shard == AUDIT:
        details = msgspec.Raw(fields["details"])
        line |= {"decided": int(fields["t"]), "what": fields["what"].decode(), "who": fields["who"].decode()}
        line["details"] = details
    elif shard == LESSONS:
        lesson = _lesson(fields["l"])
        line |= {"decided": lesson.at, "lesson": {"number": lesson.number, "given": lesson}}
    elif "d" in fields:
        decision = read_decision(fields)
        assert decision is not None
        line |= {"decided": decision.at, "profile": decision.profile, "plan": decision.plan}
        line["decision"] = _shape(decision)
    else:
        line |= {"decided": int(fields["t"]), "profile": fields["p"].decode(), "plan": fields["f"].decode()}
        if given := fields.get("i"):
            _inputs(line, _decode(given))
        if made := fields.get("r"):
            line["outcomes"] = outcomes = _decode(made)
            for each in outcomes:  # whose they are is said by the line, and what they are called by their events
                each.pop("label", None)
                each.pop("profile", None)
        if steps := fields.get("s"):
            line["steps"] = _decode(steps)
        if stopped := fields.get("g"):
            line["stopped"] = _decode(stopped)
    return line


def _inputs(line: dict[str, Any], inputs: list[list[Any]]) -> None:
    """Events apart from all else that was decided about; each with its place, for their common order."""
    events, commands = [], []
    for place, given in enumerate(inputs):
        dead = given[0] == "dead"
        what = given[1:] if dead else given
        if what[0] == "event":
            event = what[1]
            event["place"] = place
            if dead:
                event["dead"] = True
            if len(what) > 2:
                event["label"] = what[2]
            events.append(event)
        else:
            commands.append({"place": place, "command": given[0], "id": given[1], "given": given})
    if events:
        line["events"] = events
    if commands:
        line["commands"] = commands


def _shape(decision: Any) -> dict[str, Any]:
    """A decision whose lists hold named fields: what is an array in Redis must be readable in SQL."""
    data: dict[str, Any] = msgspec.structs.asdict(decision)
    for name in ("candidates", "removed"):
        data[name] = [msgspec.structs.asdict(each) for each in data[name]]
    return data
