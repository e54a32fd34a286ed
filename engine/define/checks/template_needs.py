"""A template that reads what the journey sending it does not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.define.checks.persona import Use, declared, fields, uses
from engine.define.checks.rule import Rule, Workspace, template_file
from engine.define.doc import did_you_mean
from engine.model.problem import Place, Problem
from engine.model.vocabulary import Type
from engine.render.reads import GIVEN, Read


class TemplateNeeds(Rule):
    """A name that nothing declares, or a property that this journey's trigger does not have."""

    code = "template_needs"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        by_message: dict[str, list[Use]] = {}
        for use in uses(workspace):
            if not declared(workspace, use.written.journey):
                continue
            by_message.setdefault(use.spec.message, []).append(use)
        for message, found in sorted(by_message.items()):
            known = {use.written.journey.name: fields(workspace, use.written.journey) for use in found}
            for read in workspace.reads(message).reads:
                faults = {name: told for name, have in known.items() if (told := self._fault(workspace, read, have))}
                everywhere = len(faults) == len(known)
                if faults and (everywhere or not read.guarded):
                    sender = min(faults)
                    fault, hint = faults[sender]
                    who = f" (sent by '{sender}')" if read.root in ("start", "event") else ""
                    place = Place(template_file(message), read.line, read.column)
                    yield self.in_text(workspace, place, len(str(read)), f"{fault}{who}.", hint)

    def _fault(
        self, workspace: Workspace, read: Read, have: Mapping[str, Mapping[str, Type]]
    ) -> tuple[str, str] | None:
        if read.root in GIVEN or read.root == "context":
            return self._given(workspace, read)
        if read.root not in have:
            return f"there is no '{read.root}'", did_you_mean(read.root, {*GIVEN, *have})
        types: Mapping[str, Type] = have[read.root]
        for depth, name in enumerate(read.names):
            if name not in types:
                owner = ".".join((read.root, *read.names[:depth]))
                return f"{owner} has no '{name}'", did_you_mean(name, types)
            if types[name].name != "item":
                return None
            types = types[name].fields
        return None

    def _given(self, workspace: Workspace, read: Read) -> tuple[str, str] | None:
        """What every message has: the catalogue's kinds and the brand's own keys."""
        tables: dict[str, Mapping[str, object]] = {
            "catalog": workspace.plan.catalog,
            "brand": workspace.plan.brand,
            "links": workspace.plan.brand.get("links") or {},
        }
        table = tables.get(read.root)
        if table is None or not read.names or read.names[0] in table:
            return None
        return f"{read.root} has no '{read.names[0]}'", did_you_mean(read.names[0], table)
