"""The archive: is there one, does it follow, and may the log grow without an end?"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from engine.model.words import Words
from engine.runtime.archived import lag
from engine.runtime.doctor.finding import Finding, Patient, bad, ok, span, warn

LATE, VERY_LATE = 10, 120  # times the interval


def archive(patient: Patient) -> Iterator[Finding]:
    """How far the archiver is behind, how long the logs are, and when tables were last made."""
    found = lag(patient.store)
    if patient.settings.archive_url is None and found.written is None:
        said = Words("none; the log holds {length:,} entries, and the oldest go", length=found.length)
        yield warn("archive", said, Words("Reports and `parcours rebuild` need one: set PARCOURS_ARCHIVE_URL."))
        return
    every = int(patient.settings.archive_seconds * 1000)
    said = Words("{entries:,} entries wait", entries=found.entries) + (
        Words(", the oldest for {oldest}", oldest=span(found.oldest)) if found.entries else ""
    )
    said += Words("; the log holds {length:,}", length=found.length)
    if found.oldest > VERY_LATE * every:
        yield bad(
            "archive",
            said,
            Words("Nothing takes them, and Redis fills: does a beat run? See the workers' logs."),
        )
    elif found.oldest > LATE * every:
        yield warn("archive", said, Words("More is logged than archived: lower PARCOURS_ARCHIVE_SECONDS."))
    else:
        yield ok("archive", said)
    if find_spec("duckdb") is None:
        yield warn(
            "archive: tables",
            Words("DuckDB is not installed"),
            Words("pip install 'parcours[report]' where workers run."),
        )
    elif found.compacted:
        ago = patient.store.clock().server - found.compacted
        yield ok("archive: tables", Words("last made {ago} ago", ago=span(ago)))
    else:
        yield ok("archive: tables", Words("none yet: they are made of days that are over"))
