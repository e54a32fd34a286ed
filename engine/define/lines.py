"""Conditions as authors write them: one line, or a list of lines that must all hold."""

from __future__ import annotations

from engine.define.condition import Names, parse_condition
from engine.define.doc import Doc, Path
from engine.model.condition import Condition


def read_lines(doc: Doc, path: Path, lines: str | list[str], names: Names) -> tuple[Condition, ...]:
    """The conditions that stand at `path`; what is wrong with a line goes to `doc`."""
    found: list[Condition] = []
    for index, line in enumerate([lines] if isinstance(lines, str) else lines):
        at = path if isinstance(lines, str) else (*path, index)
        condition, problems = parse_condition(line, doc.place(at), names)
        for problem in problems:
            doc.add(problem)
        if condition is not None:
            found.append(condition)
    return tuple(found)
