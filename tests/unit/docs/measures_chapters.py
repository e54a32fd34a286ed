"""The chapters of docs/reports.md on measures, as the shipped workspace has them. Rewrite them with:
python -m tests.unit.docs.measures_chapters"""

from __future__ import annotations

from engine.define.folder import compile_folder
from engine.model.plan import Plan
from engine.report.measures.every import MEASURES
from tests.unit.docs.pages import ROOT

PAGE = ROOT / "docs" / "reports.md"
BEGIN, END = "<!-- measures -->\n", "<!-- /measures -->\n"


def chapters(plan: Plan) -> str:
    """A chapter for each measure, in the exact words that are shown beside its figures."""
    parts = [
        f"### {each.title}\n\n`{each.name}`. Needs: {each.needs}\n\n{each.definition(plan)}\n" for each in MEASURES
    ]
    return "\n".join(parts)


def renewed(text: str, plan: Plan) -> str:
    """The page with the current chapters between the marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin, f"{PAGE.name} has lost the mark before its measures"
    assert end, f"{PAGE.name} has lost the mark after its measures"
    return before + begin + "\n" + chapters(plan) + end + after


def main() -> None:
    plan = compile_folder(ROOT).sound().plan
    PAGE.write_text(renewed(PAGE.read_text("utf-8"), plan), "utf-8")


if __name__ == "__main__":
    main()
