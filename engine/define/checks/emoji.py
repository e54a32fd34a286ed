"""An emoji where the brand uses none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.define.checks.rule import Rule, Workspace
from engine.define.checks.spoken import texts, written_at
from engine.model.problem import Problem

# Pictographs, symbols drawn as such, flags; not the arrows and dashes of ordinary typography.
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\u2b55\u231a\u231b]")


class Emoji(Rule):
    """`brand.tone.emoji: false`, and a message has one all the same."""

    code = "emoji"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        if (workspace.plan.brand.get("tone") or {}).get("emoji", True):
            return
        seen: set[Problem] = set()
        for shown in workspace.shown:
            found = next((match[0] for text in texts(shown) for match in EMOJI.finditer(text)), None)
            if found is None:
                continue
            place, width = written_at(workspace, shown, re.compile(re.escape(found)))
            text = f"'{found}' is an emoji, and this brand uses none."
            problem = self.in_text(workspace, place, width, text, "Take it out, or write 'emoji: true' in brand: tone.")
            if problem not in seen:
                seen.add(problem)
                yield problem
