"""A translation that leaves out what its source tells."""

from __future__ import annotations

from collections.abc import Iterator

from engine.define.checks.rule import Rule, Workspace
from engine.model.problem import Problem


class Placeholder(Rule):
    """A price, a name or a day that customers of one language are not told."""

    code = "placeholder"
    level = "hint"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        for problem in workspace.renderer.left_out():
            if problem.place.file in workspace.sources and "/shared/" not in problem.place.file:
                yield self.in_text(workspace, problem.place, problem.width, problem.message, problem.hint)
