"""A step that nobody can come to."""

from __future__ import annotations

from collections.abc import Iterator

from engine.define.checks.flow import reached
from engine.define.checks.rule import Rule, Workspace
from engine.model.problem import Problem


class UnreachableStep(Rule):
    """Steps after a `stop`, or after a choice whose every way ends the journey."""

    code = "unreachable_step"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        for written in workspace.journeys:
            found = reached(written.journey)
            dead = {placed.path for placed in written.steps if placed.step.id not in found}
            for placed in written.steps:
                *parent, index = placed.path
                inside = any(placed.path[: len(other)] == other for other in dead if other != placed.path)
                follows = isinstance(index, int) and (*parent, index - 1) in dead
                if placed.path in dead and not inside and not follows:
                    verb = placed.step.verb.name
                    yield self.problem(
                        written.doc,
                        (*placed.path, verb),
                        f"nobody comes to this '{verb}': every way before it ends the journey.",
                        "Move it before the 'stop', or take the 'stop' away.",
                        key=True,
                    )
