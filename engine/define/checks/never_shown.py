"""An action that no placement can show."""

from __future__ import annotations

from collections.abc import Iterator

from engine.define.checks.rule import Rule, Workspace
from engine.journey.steps.send import Choosing
from engine.journey.steps.suggest import Offered
from engine.model.problem import Problem


class NeverShown(Rule):
    """It names no placement, and no journey suggests it; or it waits for a suggestion that no journey makes."""

    code = "never_shown"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        yield from _never_sent(self, workspace)
        doc = workspace.doc("actions")
        if doc is None:
            return
        suggested = {
            placed.step.spec.action
            for written in workspace.journeys
            for placed in written.steps
            if isinstance(placed.step.spec, Offered)
        }
        fallbacks = {placement.fallback for placement in workspace.plan.placements.values()}
        for action in workspace.plan.actions.values():
            if action.name in suggested or action.name in fallbacks:
                continue
            path = ("actions", action.name)
            if action.suggested:
                text = f"'{action.name}' waits to be suggested, and no journey suggests it."
                yield self.problem(doc, path, text, f"Write '- suggest: {action.name}' in a journey.", key=True)
            elif not action.placements:
                text = f"'{action.name}' is shown nowhere: it has no placements, and no journey suggests it."
                yield self.problem(doc, path, text, "Write 'placements: [web.home]'.", key=True)


def _never_sent(rule: Rule, workspace: Workspace) -> Iterator[Problem]:
    """`send_best` of a placement at which nothing is ever shown."""
    steps = [(written, placed) for written in workspace.journeys for placed in written.steps]
    offered = {
        name for _, placed in steps if isinstance(placed.step.spec, Offered) for name in placed.step.spec.placements
    }
    for written, placed in steps:
        spec = placed.step.spec
        if isinstance(spec, Choosing) and not spec.of and spec.placement not in offered:
            text = f"nothing is ever sent: no action is shown at '{spec.placement}', and no journey suggests one there."
            hint = f"Add {spec.placement} to the placements of an action."
            yield rule.problem(written.doc, (*placed.path, "send_best"), text, hint)
