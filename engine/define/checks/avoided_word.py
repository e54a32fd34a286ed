"""A word that the brand avoids."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.define.checks.rule import Rule, Workspace
from engine.define.checks.spoken import texts, written_at
from engine.model.problem import Problem


class AvoidedWord(Rule):
    """`brand.tone.avoid` lists words that no message may use; here one does."""

    code = "avoided_word"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        tone = workspace.plan.brand.get("tone") or {}
        seen: set[Problem] = set()
        for word in tone.get("avoid") or ():
            pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
            for shown in workspace.shown:
                if not any(pattern.search(text) for text in texts(shown)):
                    continue
                place, width = written_at(workspace, shown, pattern)
                text = f"'{word}' is a word that this brand avoids."
                hint = "Say it otherwise; the list stands in brand: tone: avoid."
                problem = self.in_text(workspace, place, width, text, hint)
                if problem not in seen:
                    seen.add(problem)
                    yield problem
