"""The outbox's table of contents. Senders do not keep one, because they run in several processes:
it is made from the files' names when somebody wants to look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from engine.channels.providers.whole_file import write_whole

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NAME = re.compile(r"(\d{2})(\d{2})(\d{2})-([a-z0-9_]+)-(.+)-[0-9a-f]{8}\.(?:html|txt|json)")
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Outbox</title>
<style>body{{font:15px/1.5 system-ui,sans-serif;margin:2rem}}td{{padding:.1rem 1rem .1rem 0}}</style></head>
<body><h1>Outbox</h1><p>{count} messages, the newest first. Times are UTC.</p>
<table>{rows}</table></body></html>
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message: `day` 2026-04-04, `time` 10:15:00 (UTC), `what` message and customer, `path` inside the folder."""

    day: str
    time: str
    channel: str
    what: str
    path: str


def entries(folder: Path) -> Iterator[Entry]:
    """Every message of the outbox, the newest first; none when the folder does not exist."""
    days = sorted((d for d in folder.glob("*-*-*") if _DAY.fullmatch(d.name) and d.is_dir()), reverse=True)
    for day in days:
        for name in sorted((file.name for file in day.iterdir()), reverse=True):
            found = _NAME.fullmatch(name)
            if found:
                hour, minute, second, channel, what = found.groups()
                yield Entry(day.name, f"{hour}:{minute}:{second}", channel, what, f"{day.name}/{name}")


def write_index(folder: Path, limit: int = 1000) -> Path:
    """Write `index.html` over the newest `limit` messages, whole or not at all. Raises OSError."""
    found = list(entries(folder))
    rows = "".join(
        f"<tr><td>{entry.day} {entry.time}</td><td>{entry.channel}</td>"
        f'<td><a href="{quote(entry.path)}">{escape(entry.what)}</a></td></tr>\n'
        for entry in found[:limit]
    )
    index = folder / "index.html"
    write_whole(str(index), _PAGE.format(count=len(found), rows=rows))
    return index
