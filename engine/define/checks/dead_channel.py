"""A channel in `via` that is never used."""

from __future__ import annotations

from collections.abc import Iterator

from engine.define.checks.never_leaves import reason
from engine.define.checks.persona import uses
from engine.define.checks.rule import Rule, Workspace
from engine.model.problem import Problem


class DeadChannel(Rule):
    """One channel of several can never be used; the message leaves by the others."""

    code = "dead_channel"
    level = "hint"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        for use in uses(workspace):
            reasons = {channel: reason(workspace, use, channel) for channel in use.spec.via}
            if all(reasons.values()):
                continue  # never_leaves says so
            raw = use.written.raw(use.placed.path)
            for index, name in enumerate(raw["via"] if isinstance(raw["via"], list) else ()):
                if reasons.get(name):
                    path = (*use.placed.path, "via", index)
                    message = f"this message never leaves by {name}: {reasons[name]}."
                    yield self.problem(use.written.doc, path, message, "Take it out, or change what forbids it.")
