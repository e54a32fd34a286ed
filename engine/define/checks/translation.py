"""A text that a language has no translation for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from engine.define.checks.rule import Rule, Workspace
from engine.model.problem import Place, Problem


class Translation(Rule):
    """Customers of that language would read it in the shop's own."""

    code = "translation"
    level = "hint"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        for problem in workspace.renderer.untranslated():
            if problem.message.rpartition(" into ")[2].rstrip(".") not in workspace.languages:
                continue
            column, width = _where(problem)
            place = Place(problem.place.file, problem.place.line, column)
            yield replace(problem, place=place, width=width)


def _where(problem: Problem) -> tuple[int, int]:
    """Where the text begins in its line: its first words, before any %(name)s."""
    text = problem.message[1 : problem.message.rindex("' has no translation")]
    first = re.split(r"%\(|\n", text, maxsplit=1)[0].strip()
    at = problem.source.find(first) if first else -1
    return (at + 1, len(first)) if at >= 0 else (problem.place.column, problem.width)
