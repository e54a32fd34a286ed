"""What `parcours check` says of the files of a plan, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def run(sources: Mapping[str, str]) -> list[dict[str, Any]]:
    """All problems and hints of `sources` (path -> text), by place: {file, line, column, width, code, level, message,
    hint, source}."""
    from engine.define.checks import HINTS, findings
    from engine.define.salvage import without_followers
    from engine.define.workspace import compile_sources

    compiled = compile_sources(sources)
    extra = findings(compiled.plan, compiled.renderer, compiled.sources, compiled.problems)
    problems = sorted({*compiled.problems, *without_followers(extra, compiled.unread)})
    return [
        {
            "file": each.place.file,
            "line": each.place.line,
            "column": each.place.column,
            "width": each.width,
            "code": each.code,
            "level": "hint" if each.code in HINTS else "error",
            "message": each.message,
            "hint": each.hint,
            "source": each.source,
        }
        for each in problems
    ]
