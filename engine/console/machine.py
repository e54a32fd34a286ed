"""The time machine's work: the same events under two sets of definitions, in virtual time, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MOST = 5_000  # things that happen on one side


def run(given: Mapping[str, Any]) -> dict[str, Any]:
    """`given`: {before, after: sources (path -> text); events: lines of JSON; until: epoch ms or None}, or, for what
    the archive has of one customer, {after, archive, folder, profile, since: epoch ms, locale: of faults}.

    Both sides as {records, faults, aside, more}: what happened, in order (records as plain data); the problems of
    definitions that cannot run; lines that are no events of that vocabulary; whether something is left out.
    """
    if given.get("archive"):
        return _archived(given)
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


def _archived(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was, as the archive has it, and what would have been, decided again by the engine."""
    from pathlib import Path

    from engine.console.words import words
    from engine.define.workspace import compile_sources
    from engine.model.errors import ParcoursError
    from engine.report.archive.place import open_place
    from engine.report.replay.what_if import what_if
    from engine.runtime.voice import Voice

    voice = Voice(words(given["locale"]).gettext, given["locale"])
    nothing: dict[str, Any] = {"records": [], "faults": [], "aside": [], "more": False}
    problems = compile_sources(given["after"]).problems
    if problems:
        return {"before": nothing, "after": nothing | {"faults": [str(each) for each in problems]}}
    try:
        place = open_place(given["archive"], make=False)
        made = what_if(given["after"], place, Path(given["folder"]), given["since"], profile=given["profile"], jobs=1)
    except ParcoursError as fault:
        return {"before": nothing, "after": nothing | {"faults": [voice.tell(fault.words)]}}
    sides = {}
    for side, told in (("before", made.found.told_was), ("after", made.found.told_would)):
        lines = [{name: getattr(line, name) for name in line.__struct_fields__} for _, line in told]
        sides[side] = nothing | {"records": lines[:MOST], "more": len(lines) > MOST}
    return sides
