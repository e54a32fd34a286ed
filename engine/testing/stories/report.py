"""What came of the stories, as text for people and as JSON for programs."""

from __future__ import annotations

import json
from typing import Any

from engine.define.report import as_data, block, listing
from engine.testing.stories.coverage import Reach
from engine.testing.stories.play import Failure
from engine.testing.stories.run import Played
from engine.testing.stories.suite import Suite


def as_text(suite: Suite) -> str:
    """Problems, every failure with its place, the coverage, and one line of counts."""
    parts = [listing(suite.problems)] if suite.problems else []
    parts += [failure_text(failure) for played in suite.played for failure in played.failures]
    if suite.reach:
        parts.append("\n".join(line for reach in suite.reach for line in _reach_lines(reach)))
    if not suite.files:
        parts.append("There is no story here: a YAML file in journeys/ or tests/ whose first key is 'tests:'.")
    parts.append(summary(suite))
    return "\n\n".join(parts)


def failure_text(failure: Failure) -> str:
    """`file:line:col`, the line, a caret; what was expected, what came, and what happened instead."""
    lines = [block(failure.problem)]
    lines += _named("expected", failure.expected) + _named("got", failure.got)
    if failure.instead:
        lines += _named("happened", failure.instead)
    return "\n".join(lines)


def _named(name: str, values: tuple[str, ...]) -> list[str]:
    first, *rest = values or ("nothing",)
    return [f"  {name:<8}  {first}", *(f"  {'':<8}  {each}" for each in rest)]


def _reach_lines(reach: Reach) -> list[str]:
    lines = [f"{reach.journey}: {reach.percent} % of its {reach.total} steps and branches"]
    return lines + [f"  {missed.place}: no case reaches {missed.what}" for missed in reach.missed]


def summary(suite: Suite) -> str:
    """`12 cases passed, 1 failed in 0.4 s`."""
    passed = len(suite.played) - suite.failed
    said = f"{passed} case{'' if passed == 1 else 's'} passed"
    if suite.failed:
        said += f", {suite.failed} failed"
    return f"{said} in {suite.seconds:.1f} s"


def as_json(suite: Suite) -> str:
    """One object: `cases` with their failures, `problems`, `coverage`, and the counts."""
    data = {
        "passed": len(suite.played) - suite.failed,
        "failed": suite.failed,
        "seconds": round(suite.seconds, 3),
        "cases": [_case(played) for played in suite.played],
        "problems": [as_data(problem) for problem in suite.problems],
        "coverage": [_reach(reach) for reach in suite.reach],
    }
    return json.dumps(data, ensure_ascii=False, indent=2)


def _case(played: Played) -> dict[str, Any]:
    failures = [
        {
            "line": failure.problem.place.line,
            "column": failure.problem.place.column,
            "of": failure.key,
            "expected": list(failure.expected),
            "got": list(failure.got),
            "happened": list(failure.instead),
        }
        for failure in played.failures
    ]
    return {
        "file": played.file,
        "line": played.line,
        "case": played.name,
        "passed": played.passed,
        "failures": failures,
    }


def _reach(reach: Reach) -> dict[str, Any]:
    missed = [{"file": each.place.file, "line": each.place.line, "what": each.what} for each in reach.missed]
    return {"journey": reach.journey, "percent": reach.percent, "total": reach.total, "missed": missed}
