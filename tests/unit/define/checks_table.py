"""The table of codes in docs/checks.md. Rewrite it with: python -m tests.unit.define.checks_table"""

from __future__ import annotations

from pathlib import Path

from engine.define.checks import HINTS, RULES
from engine.define.explain import codes, summary

PAGE = Path(__file__).resolve().parents[3] / "docs" / "checks.md"
BEGIN, END = "<!-- codes -->\n", "<!-- /codes -->\n"


def table() -> str:
    """All codes: first what keeps a workspace from being loaded, then the rules in their order."""
    rules = [rule.code for rule in RULES]
    rows = ["| Code | What it means | |", "|---|---|---|"]
    for code in [*(code for code in codes() if code not in rules), *rules]:
        level = "hint" if code in HINTS else "" if code in rules else "is not loaded"
        rows.append(f"| `{code}` | {summary(code)} | {level} |")
    return "\n".join(rows) + "\n"


def renewed(text: str) -> str:
    """The page with the current table between the marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin, "the page has lost the mark before its table"
    assert end, "the page has lost the mark after its table"
    return before + begin + table() + end + after


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
