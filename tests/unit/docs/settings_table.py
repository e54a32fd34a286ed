"""The table of settings in docs/operations.md. Rewrite it with: python -m tests.unit.docs.settings_table"""

from __future__ import annotations

from pathlib import Path

from engine.settings import PREFIX, Settings
from tests.unit.docs.pages import ROOT

PAGE = ROOT / "docs" / "operations.md"
BEGIN, END = "<!-- settings -->\n", "<!-- /settings -->\n"


def table() -> str:
    """All settings in their order, with description and default."""
    rows = ["| Variable | Meaning | Default |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = "" if default is None or default == () else f"`{default}`"
        rows.append(f"| `{PREFIX}{name.upper()}` | {field.description} | {shown} |")
    return "\n".join(rows) + "\n"


def renewed(text: str) -> str:
    """The page with the current table between the marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin, f"{PAGE.name} has lost the mark before its table"
    assert end, f"{PAGE.name} has lost the mark after its table"
    return before + begin + table() + end + after


def main(page: Path = PAGE) -> None:
    page.write_text(renewed(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
