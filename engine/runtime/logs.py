"""Logs: one line for each thing, for people or as JSON, with the ids that belong together and nothing personal.

`event`, `message` and `attempt` are ids: an event is followed through its message to the attempt that its
provider knows. Addresses have no place in a log; what looks like one, in an exception's text say, is taken
out before it is written.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

from engine.settings import Settings

_EMAIL = re.compile(r"[^\s@<>\"'(),:;=\[\]{}|]+@[^\s@<>\"'(),:;=\[\]{}|]+\.[^\W\d_]{2,}", re.UNICODE)
_LOGIN = re.compile(r"(\w[\w+.-]*://)[^/\s@]+@")
_PHONE = re.compile(r"(?<![\w.-])(?:\+|00)\d(?:[ .\-]?\d){6,14}(?![\w-])")
_QUIET = (
    "celery.worker.strategy",
    "celery.app.trace",
    "celery.utils.functional",
    "httpx",
    "httpcore",
    "kombu",
    "amqp",
    "asyncio",
)


def scrubbed(text: str) -> str:
    """The text without e-mail addresses, telephone numbers, and the logins of URLs."""
    return _PHONE.sub("<phone>", _EMAIL.sub("<email>", _LOGIN.sub(r"\1", text)))


def set_up_logs(settings: Settings, process: str) -> None:
    """Have everything that this process logs go to stderr, as the settings say. `process` names it."""
    import structlog

    def clean(logger: Any, name: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
        return {key: _clean(value) for key, value in line.items()}

    def named(logger: Any, name: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
        return {**line, "process": process}

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        clean,
    ]
    if settings.log_format == "json":
        last: list[Any] = [named, structlog.processors.JSONRenderer(ensure_ascii=False)]
    else:
        last = [_as_text]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "celery", "celery.task"):
        logging.getLogger(name).handlers[:] = []
        logging.getLogger(name).propagate = True
    for name in _QUIET:  # two lines per doorbell say nothing and cost a tenth of its time
        logging.getLogger(name).setLevel(logging.WARNING)


def keep_celery_out() -> None:
    """Celery configures no logging of its own. To be called before a worker or a beat starts."""
    from celery.signals import setup_logging

    setup_logging.connect(_nothing, weak=False)


def _nothing(**_: object) -> None:
    return None


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return scrubbed(value)
    if isinstance(value, bool | int | float) or value is None:
        return value
    return scrubbed(str(value))


def _as_text(logger: Any, name: str, line: MutableMapping[str, Any]) -> str:
    """'12:00:01 warning parcours.ticker the ticker could not look (event=e1)'."""
    time = str(line.pop("timestamp", ""))[11:19]
    level, source, said = line.pop("level", ""), line.pop("logger", ""), line.pop("event", "")
    trace = line.pop("exception", "")
    rest = " ".join(f"{key}={value}" for key, value in line.items() if not key.startswith("_"))
    return f"{time} {level:<7} {source}: {said}" + (f" ({rest})" if rest else "") + (f"\n{trace}" if trace else "")
