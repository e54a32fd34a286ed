"""A YAML file as data, with the place of every key and value."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from engine.model.problem import Place, Problem

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where something stands: line and column from 1, and how many characters wide."""

    line: int
    column: int
    width: int = 1


@dataclass(slots=True)
class Doc:
    """One parsed file. `values` and `keys` give marks by path; `problems` collects what is wrong with it.

    `lost` is the text that could not be read; what `data` holds then comes from the rest. `left_out` are the names of
    what was read and did not fit: others may speak of them, and are not to blame.
    """

    file: str
    text: str
    data: Any = None
    values: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    lost: str = ""
    left_out: set[str] = field(default_factory=set)

    def mark(self, path: Path, *, key: bool = False) -> Mark:
        """The mark of a value (or of its key); of the nearest thing around it when it is not there."""
        table = self.keys if key else self.values
        while path:
            mark = table.get(path) or self.values.get(path) or self.keys.get(path)
            if mark is not None:
                return mark
            path = path[:-1]
        return self.values.get((), Mark(1, 1))

    def place(self, path: Path, *, key: bool = False) -> Place:
        mark = self.mark(path, key=key)
        return Place(self.file, mark.line, mark.column)

    def line(self, number: int) -> str:
        """The text of a line, '' when there is none."""
        lines = self.text.splitlines()
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def problem(
        self, path: Path, message: str, hint: str = "", *, code: str = "invalid", key: bool = False, part: str = ""
    ) -> None:
        """Keep a problem at the place of `path` (of its key when `key`), or of the word `part` within it."""
        mark = self.mark(path, key=key)
        within = self.line(mark.line)[mark.column - 1 : mark.column - 1 + mark.width]
        found = re.search(rf"(?<![\w/]){re.escape(part)}(?![\w/])", within) if part else None
        if found is not None:
            mark = Mark(mark.line, mark.column + found.start(), len(part))
        self.add(Problem(Place(self.file, mark.line, mark.column), message, code, hint, mark.width))

    def add(self, problem: Problem) -> None:
        """Keep a problem, with the line it is about."""
        if not problem.source and problem.place.file == self.file:
            source = self.line(problem.place.line)
            width = max(1, min(problem.width, len(source) - problem.place.column + 1))
            problem = Problem(problem.place, problem.message, problem.code, problem.hint, width, source)
        self.problems.append(problem)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint for a name that is not known: the nearest one, or all when they are few."""
    names = sorted(known)
    near = get_close_matches(str(name), names, n=1, cutoff=0.6)
    if near:
        return f"Did you mean '{near[0]}'?"
    if 0 < len(names) <= 12:
        return "Known: " + ", ".join(names) + "."
    return ""
