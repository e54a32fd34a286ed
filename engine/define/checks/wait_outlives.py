"""A wait that lasts longer than its journey can."""

from __future__ import annotations

from collections.abc import Iterator

from engine.define.checks.flow import reached, waited
from engine.define.checks.rule import Rule, Workspace
from engine.define.checks.words import length
from engine.model.condition import Both, Happened, Node
from engine.model.plan import Journey
from engine.model.problem import Problem


class WaitOutlives(Rule):
    """`stop_if: no X in last 30d`, where X itself ends the journey too: nobody is inside after 30 days."""

    code = "wait_outlives"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        for written in workspace.journeys:
            journey = written.journey
            bounds = [(window, text) for event, window, text in lifetimes(journey) if event in ending(journey)]
            if not bounds:
                continue
            longest, text = min(bounds)
            passed, alive = waited(journey), reached(journey)
            for placed in written.steps:
                step = placed.step
                after = passed.get(step.id, 0)
                before = after - (step.spec.elapsed if step.verb.name == "wait" else 0)
                if step.verb.name == "wait" and step.id in alive and after >= longest and before < longest:
                    yield self.problem(
                        written.doc,
                        (*placed.path, "wait"),
                        f"nobody is still in the journey when this wait is over: '{text}' ends it "
                        f"{length(longest)} after its start at the latest.",
                        f"Wait less than {length(longest)} in all, or look back longer.",
                    )


def lifetimes(journey: Journey) -> Iterator[tuple[str, int, str]]:
    """(event, ms, text): after so long without the event a `stop_if` or `goal` line ends the journey."""
    for match in (*journey.goal, *journey.stop_if):
        for node in _any_of(match.condition.node) if match.condition is not None else ():
            if isinstance(node, Happened) and (node.op, node.count) == ("<=", 0) and node.window is not None:
                yield node.event, node.window, match.text


def _any_of(node: Node) -> tuple[Node, ...]:
    return node.parts if isinstance(node, Both) and node.op == "or" else (node,)


def ending(journey: Journey) -> set[str]:
    """The events that end the journey whatever their properties are."""
    return {match.event for match in (*journey.goal, *journey.stop_if) if match.event and match.where is None}
