"""A message that cannot be rendered even for a customer of whom everything is known."""

from __future__ import annotations

from collections.abc import Iterator

from engine.define.checks.rule import Rule, Workspace
from engine.define.checks.template_needs import TemplateNeeds
from engine.model.problem import Place, Problem


class NotRendered(Rule):
    """An empty block that a channel needs, a link without its parameter, a sum with a text."""

    code = "not_rendered"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        told = {(each.place.file, each.place.line) for each in TemplateNeeds().find(workspace)}
        seen: set[tuple[str, str]] = set()
        for shown in workspace.shown:
            if shown.failed is None or shown.use.spec.message in workspace.faulty:
                continue
            file, _, line = shown.failed.place.partition(":")
            number = int(line) if line.isdigit() else 0
            key = (shown.failed.place, shown.failed.reason)
            if key in seen or (file, number) in told or (not number and any(f == file for f, _ in told)):
                continue
            seen.add(key)
            lines = workspace.sources.get(file, "").splitlines()
            source = lines[number - 1] if 0 < number <= len(lines) else ""
            column = len(source) - len(source.lstrip()) + 1
            place = Place(file, number, column) if number else Place(file, 1, 1)
            text = f"this cannot be rendered for {shown.channel} in {shown.locale}: {shown.failed.reason}"
            yield self.in_text(workspace, place, len(source.strip()) or 1, text)
