"""The time machine's work: the same events under two sets of definitions, in virtual time, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MOST = 5_000  # things that happen on one side


def run(given: Mapping[str, Any]) -> dict[str, Any]:
    """`given`: {before, after: sources (path -> text); events: lines of JSON; until: epoch ms or None}.

    Both sides as {records, faults, aside, more}: what happened, in order (records as plain data); the problems of
    definitions that cannot run; lines that are no events of that vocabulary; whether something is left out.
    """
    lines = [line.encode() for line in given["events"]]
    return {side: _side(given[side], lines, given["until"]) for side in ("before", "after")}


def _side(sources: Mapping[str, str], lines: list[bytes], until: int | None) -> dict[str, Any]:
    import msgspec

    from engine.define.workspace import compile_sources
    from engine.testing.run import Done, run_part

    compiled = compile_sources(sources)
    if compiled.problems:
        return {"records": [], "faults": [str(each) for each in compiled.problems], "aside": [], "more": False}
    made = [turn.record for turns in run_part(compiled, lines, Done(), until=until) for turn in turns]
    aside = [each.reason for each in made if each.kind == "set_aside"]
    told = [msgspec.to_builtins(each) for each in made if each.kind != "set_aside"]
    return {"records": told[:MOST], "faults": [], "aside": aside[:50], "more": len(told) > MOST}
