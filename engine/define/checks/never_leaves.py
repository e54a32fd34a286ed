"""A message that nothing can ever let through."""

from __future__ import annotations

from collections.abc import Iterator

from engine.define.checks.persona import Use, uses
from engine.define.checks.rule import Rule, Workspace
from engine.journey.steps.update import Update
from engine.model.problem import Problem


class NeverLeaves(Rule):
    """No channel of `via` can be used: no address is ever known, a cap allows none, or it is always quiet."""

    code = "never_leaves"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        told = set()
        for use in uses(workspace):
            reasons = {channel: reason(workspace, use, channel) for channel in use.spec.via}
            if reasons and all(reasons.values()) and use.placed.step.place not in told:
                told.add(use.placed.step.place)  # what 'send_best' may choose is many messages
                why = "; ".join(dict.fromkeys(text for text in reasons.values() if text))
                yield self.problem(
                    use.written.doc,
                    (*use.placed.path, use.placed.step.verb.name),
                    f"'{use.spec.message}' can never leave: {why}.",
                    "Use another channel, or change what forbids it.",
                )


def reason(workspace: Workspace, use: Use, channel: str) -> str:
    """Why the message can never leave by a channel; '' when it can."""
    return (
        (no_address(workspace, channel) if use.spec.to is None else "")
        or _silent(use)
        or _capped(workspace, use, channel)
        or _quiet(workspace, use, channel)
    )


def no_address(workspace: Workspace, channel: str) -> str:
    """Why nobody has an address for a channel."""
    vocabulary = workspace.plan.vocabulary
    name = vocabulary.addresses.get(channel, "")
    attribute = vocabulary.attributes.get(name)
    written = attribute is not None and bool(attribute.sources)
    if written or name in vocabulary.identifiers or name in updated(workspace):
        return ""
    return f"nothing ever sets customer.{name}, which {channel} needs"


def updated(workspace: Workspace) -> set[str]:
    """The attributes that journeys set."""
    return {
        name
        for written in workspace.journeys
        for placed in written.steps
        if isinstance(placed.step.verb, Update)
        for name in placed.step.spec
    }


def _silent(use: Use) -> str:
    whole = use.written.journey.holdout >= 1 and not use.purpose.transactional
    return "holdout: 100% keeps everybody from it" if whole else ""


def _capped(workspace: Workspace, use: Use, channel: str) -> str:
    for cap in workspace.plan.policies.caps if not use.purpose.transactional else ():
        applies = (not cap.channels or channel in cap.channels) and (
            not cap.purposes or use.purpose.name in cap.purposes
        )
        if applies and cap.limit == 0:
            return f"the cap '{cap.text}' ({cap.place}) lets none through by {channel}"
    return ""


def _quiet(workspace: Workspace, use: Use, channel: str) -> str:
    if use.purpose.transactional and not use.spec.respect_quiet:
        return ""
    for rule in workspace.plan.policies.quiet:
        if channel in rule.channels and len(rule.weekdays) == 7:
            return f"every day is quiet for {channel} ({rule.place})"
    return ""
