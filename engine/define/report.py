"""Problems as a person reads them: place, sentence, the line itself and a caret under the fault."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from engine.model.problem import Problem


def with_source(problem: Problem, sources: Mapping[str, str]) -> Problem:
    """The problem with the line it is about, when it has none yet."""
    if problem.source or not problem.place.line:
        return problem
    lines = sources.get(problem.place.file, "").splitlines()
    if problem.place.line > len(lines):
        return problem
    return replace(problem, source=lines[problem.place.line - 1])


def listing(problems: Iterable[Problem]) -> str:
    """All problems, one block each, and how many there are."""
    found = list(problems)
    files = len({problem.place.file for problem in found})
    blocks = [block(problem) for problem in found]
    total = f"{len(found)} problem{'s' if len(found) != 1 else ''} in {files} file{'s' if files != 1 else ''}."
    return "\n".join([*blocks, total])


def block(problem: Problem) -> str:
    """`file:line:col: message`, the line, a caret."""
    if not problem.source.strip():
        return str(problem)
    number = str(problem.place.line)
    column = max(1, problem.place.column)
    source = problem.source.rstrip()
    # keep the caret in sight in very long lines
    cut = max(0, column - 80) if len(source) > 160 else 0
    source = source[cut : cut + 160].replace("\t", " ")
    width = max(1, min(problem.width, len(source) - (column - 1 - cut)))
    pad = " " * (column - 1 - cut)
    return f"{problem}\n  {number} | {source}\n  {' ' * len(number)} | {pad}{'^' * width}"


def as_data(problem: Problem) -> dict[str, Any]:
    """A problem for programs: file, line, column, width, code, message, hint, source."""
    return {
        "file": problem.place.file,
        "line": problem.place.line,
        "column": problem.place.column,
        "width": problem.width,
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
        "source": problem.source,
    }
