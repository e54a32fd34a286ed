"""A customer of the archive, by what people call them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.report.archive.duck import quoted
from engine.report.replay.window import STILL_THERE

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def find(db: DuckDBPyConnection, who: str) -> str | None:
    """The id of the profile that `who` names: an id, identifier:value, or a bare value; the last that bore it. Nobody
    is found who was erased (see `leave_out_erased`)."""
    if _last(db, f"profile = {quoted(who)}") is not None:
        return who
    name, colon, value = who.partition(":")
    if colon:
        path = quoted(f'$."{name}"')
        given = f"json_extract_string(identifiers, {path}) = {quoted(value)}"
        found = _last(db, given)
        if found is not None:
            return found
    return _last(db, f"list_contains(json_extract_string(identifiers, '$.*'), {quoted(who)})")


def _last(db: DuckDBPyConnection, holds: str) -> str | None:
    there = f"SELECT profile FROM events LEFT JOIN gone USING (profile) WHERE {holds} AND {STILL_THERE}"
    found = db.execute(f"{there} ORDER BY logged DESC, n DESC LIMIT 1").fetchone()
    return str(found[0]) if found is not None else None
