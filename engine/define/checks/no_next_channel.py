"""`try_next_after` that can never try another channel."""

from __future__ import annotations

from collections.abc import Iterator

from engine.define.checks.persona import uses
from engine.define.checks.rule import Rule, Workspace
from engine.model.problem import Problem


class NoNextChannel(Rule):
    """There is no channel after the first, or the first cannot tell that a message was opened."""

    code = "no_next_channel"
    level = "hint"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        for use in uses(workspace):
            if use.spec.try_next_after is None or not use.spec.via:
                continue
            path = (*use.placed.path, "try_next_after")
            first, *others = use.spec.via
            blind = [n for n in use.spec.via[:-1] if not workspace.plan.channels[n].reports_open]
            if not others:
                message = f"there is no channel after {first} to try next."
                yield self.problem(use.written.doc, path, message, "Name more in 'via', or take this line out.")
            elif blind:
                message = f"{blind[0]} never reports that a message was opened, so the next channel is always tried."
                yield self.problem(use.written.doc, path, message, f"Put {blind[0]} last in 'via'.")
