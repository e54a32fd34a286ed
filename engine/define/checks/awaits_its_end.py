"""A wait for an event that ends the journey first."""

from __future__ import annotations

from collections.abc import Iterator

from engine.define.checks.rule import Rule, Workspace
from engine.define.checks.wait_outlives import ending
from engine.journey.steps.wait_for import Awaited
from engine.model.problem import Problem


class AwaitsItsEnd(Rule):
    """`wait_for: order_placed` in a journey with `goal: order_placed`: the journey is over before `then`."""

    code = "awaits_its_end"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        for written in workspace.journeys:
            over = ending(written.journey)
            for placed in written.steps:
                spec = placed.step.spec
                if isinstance(spec, Awaited) and spec.event in over:
                    ends = next(m for m in (*written.journey.goal, *written.journey.stop_if) if m.event == spec.event)
                    yield self.problem(
                        written.doc,
                        (*placed.path, "wait_for"),
                        f"'{spec.event}' ends this journey (line {ends.place.line}), so it is never waited for "
                        "with success.",
                        "Write 'wait:' if only the time counts, or take the event from goal and stop_if.",
                    )
