"""docs/decisions_report.md: what it shows is what the command says, and its tables list what there is."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from click.testing import CliRunner

from engine.cli.main import main
from engine.model.decision import Candidate, Decision, LeftOut
from engine.report.decisions.read import COLUMNS
from tests.unit.docs.pages import ROOT, blocks, tables

PAGE = ROOT / "docs/decisions_report.md"


@pytest.mark.slow
def test_the_example_says_what_the_command_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "80")
    shown = blocks(PAGE)
    ran = 0
    for command, wanted in pairwise(shown):
        if command.language == "sh" and wanted.language == "text":
            said = CliRunner().invoke(main, command.text.split()[1:])
            assert [line.rstrip() for line in said.output.splitlines()] == wanted.text.splitlines()
            ran += 1
    assert ran == 1


def test_the_columns_of_impressions_and_what_they_may_be_called() -> None:
    rows = {row[0].strip("`"): tuple(re.findall(r"`(\w+)`", row[2])) for row in tables(PAGE, "fields")["impression"]}

    assert rows == dict(COLUMNS)


def test_the_fields_of_a_row() -> None:
    rows = tables(PAGE, "fields")["decision"]
    said = {name for row in rows for name in re.findall(r"`(\w+)`", row[0])}

    assert said == {*Decision.__struct_fields__, "outcomes"}
    inside = {row[0]: set(re.findall(r"`(\w+)`", row[1])) for row in rows}
    assert inside["`candidates`"] == set(Candidate.__struct_fields__)
    assert inside["`removed`"] == set(LeftOut.__struct_fields__)
