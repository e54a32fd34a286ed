"""A customer's attribute that is shown although it may not be known."""

from __future__ import annotations

from collections.abc import Iterator

from engine.define.checks.persona import uses
from engine.define.checks.rule import Rule, Workspace, template_file
from engine.model.problem import Place, Problem


class MayBeMissing(Rule):
    """`{{ customer.first_name }}` without `|default`: whoever has none gets no message."""

    code = "may_be_missing"
    level = "hint"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        attributes = workspace.plan.vocabulary.attributes
        for message in sorted({use.spec.message for use in uses(workspace)}):
            for read in workspace.reads(message).reads:
                known = attributes.get(read.names[0]) if read.root == "customer" and read.names else None
                if known is None or read.guarded or known.count or known.opens:
                    continue
                place = Place(template_file(message), read.line, read.column)
                text = f"{read} is not known of every customer: who has none gets no message."
                hint = f'Write {{{{ {read}|default(_("...")) }}}}, or put it inside {{% if {read} %}}.'
                yield self.in_text(workspace, place, len(str(read)), text, hint)
