"""The tables of docs/archive.md. Rewrite them with: python -m tests.unit.docs.archive_tables"""

from __future__ import annotations

from engine.report.archive.tables import TABLES
from tests.unit.docs.pages import ROOT

PAGE = ROOT / "docs" / "archive.md"
BEGIN, END = "<!-- tables -->\n", "<!-- /tables -->\n"


def chapters() -> str:
    """A chapter for each table."""
    parts = []
    for table in TABLES:
        rows = [f"| `{each.name}` | {each.type} | {each.about} |" for each in table.columns]
        head = ["| Column | Type | Holds |", "|---|---|---|"]
        parts.append("\n".join([f"### {table.name}", "", f"A row is {table.about}.", "", *head, *rows, ""]))
    return "\n".join(parts)


def renewed(text: str) -> str:
    """The page with the current tables between the marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin, f"{PAGE.name} has lost the mark before its tables"
    assert end, f"{PAGE.name} has lost the mark after its tables"
    return before + begin + chapters() + end + after


def main() -> None:
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
