"""A wait longer than a silence that stops the journey."""

from __future__ import annotations

from collections.abc import Iterator

from engine.define.checks.rule import Rule, Workspace
from engine.define.checks.wait_outlives import ending, lifetimes
from engine.define.checks.words import length
from engine.model.problem import Problem


class WaitPastStop(Rule):
    """`wait: 40d` under `stop_if: no X in last 30d` ends only for those who do X meanwhile."""

    code = "wait_past_stop"
    level = "hint"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        for written in workspace.journeys:
            bounds = [each for each in lifetimes(written.journey) if each[0] not in ending(written.journey)]
            if not bounds:
                continue
            event, window, text = min(bounds, key=lambda each: each[1])
            for placed in written.steps:
                if placed.step.verb.name == "wait" and placed.step.spec.elapsed >= window:
                    yield self.problem(
                        written.doc,
                        (*placed.path, "wait"),
                        f"'{text}' ends the journey after {length(window)}: this wait is over only for those who have "
                        f"another '{event}' meanwhile.",
                        f"Wait less than {length(window)}, or look back longer.",
                    )
