"""Whether what the vocabulary declares agrees with the events it is made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from engine.define.condition import ENVELOPE
from engine.define.doc import Path, did_you_mean
from engine.model.vocabulary import EventType, Source, Type

# Types whose values another one takes as well.
_TAKES = {"number": ("number", "integer"), "text": ("text", "date")}


class Report(Protocol):
    """Keeps a problem at a path."""

    def __call__(self, path: Path, message: str, hint: str = "", *, key: bool = False) -> None: ...


def type_fits(
    report: Report, path: Path, kind: Type, sources: Iterable[Source | None], events: Mapping[str, EventType]
) -> None:
    """A declared type has to be that of the properties it is set from."""
    for source in sources:
        if source is None:
            continue
        given = {**ENVELOPE, **events[source.event].properties}[source.property]
        if given.name not in _TAKES.get(kind.name, (kind.name,)):
            said = f"this is {kind.name}, but {source.event}.{source.property} is {given}."
            report((*path, "type"), said, f"Write 'type: {given.name}'.")
            return


def case_names(report: Report, path: Path, by: str, ends: Iterable[str], events: Mapping[str, EventType]) -> None:
    """The events that open and close a case both name it."""
    for event in ends:
        if by and event in events and by not in events[event].properties:
            hint = did_you_mean(by, events[event].properties)
            report((*path, "by"), f"'{event}' has no property '{by}'.", hint)
            return


def object_names(
    report: Report,
    path: Path,
    id_: str,
    version: str,
    named: Iterable[str],
    carriers: Iterable[str],
    events: Mapping[str, EventType],
) -> None:
    """`id` is a property of every event of an object, `version` one of those that carry its state."""
    without = [name for name in dict.fromkeys(named) if name in events and id_ not in events[name].properties]
    carried = {prop for name in carriers if name in events for prop in events[name].properties}
    if without:
        report((*path, "id"), f"'{id_}' is no property of {', '.join(without)}.", did_you_mean(id_, carried))
    if version and carried and version not in carried:
        said = f"'{version}' is no property of {', '.join(carriers)}."
        report((*path, "version"), said, did_you_mean(version, carried))
