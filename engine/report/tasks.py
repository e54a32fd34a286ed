"""The archiver's task: it reads the settings and calls `turn`."""

from __future__ import annotations

from functools import cache

from engine.report.archive.place import Place, open_place
from engine.report.archive.work import TASK_SECONDS, turn
from engine.runtime.app import app
from engine.runtime.engine import LOG_MOST
from engine.runtime.worker import engine, told_once
from engine.settings import load


@cache
def _place() -> Place | None:
    url = load().archive_url
    return open_place(url.get_secret_value()) if url is not None else None


@app().task(name="parcours.archive", time_limit=TASK_SECONDS)  # type: ignore[untyped-decorator]
def archive() -> None:
    """What has been logged goes to the archive."""
    with told_once():
        place = _place()
        if place is not None:
            turn(engine().store, place, LOG_MOST)
