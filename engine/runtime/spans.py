"""Spans: how long the parts of an event's way take, for whoever traces; nobody does unless `trace_with` was called."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol


class Tracer(Protocol):
    """What makes spans: an OpenTelemetry tracer."""

    def start_as_current_span(
        self, name: str, *, attributes: Any = None, record_exception: bool = True, set_status_on_exception: bool = True
    ) -> AbstractContextManager[Any]: ...


_tracer: Tracer | None = None
_NOTHING: AbstractContextManager[Any] = nullcontext()


def trace_with(tracer: Tracer | None) -> None:
    """From now on this process makes its spans with this tracer; None: none."""
    global _tracer
    _tracer = tracer


def span(name: str, **attributes: str | int) -> AbstractContextManager[Any]:
    """A span around what is done within; it yields the span, or None when nobody traces.

    Ids and words of the plan only. What an exception says is left out: it may repeat an address.
    """
    if _tracer is None:
        return _NOTHING
    return _tracer.start_as_current_span(
        f"parcours.{name}", attributes=attributes, record_exception=False, set_status_on_exception=False
    )
