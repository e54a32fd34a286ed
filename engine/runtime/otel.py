"""Spans to an OpenTelemetry collector. The only importer of opentelemetry, which comes with `parcours[otel]`."""

from __future__ import annotations

from engine import __version__
from engine.model.errors import SetupError
from engine.runtime.spans import trace_with
from engine.settings import Settings


def start_tracing(settings: Settings, process: str) -> None:
    """Have this process, and those it forks, send spans to where the settings say; nothing when they say nothing.

    Raises SetupError when the extra is not installed.
    """
    if settings.otel_url is None:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as fault:
        raise SetupError(
            f"PARCOURS_OTEL_URL is set, but {fault.name} is not installed: pip install 'parcours[otel]'."
        ) from None
    about = {"service.name": "parcours", "service.version": __version__, "service.instance.id": process}
    provider = TracerProvider(resource=Resource.create(about))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.otel_url)))
    trace_with(provider.get_tracer("parcours", __version__))
