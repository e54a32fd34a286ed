"""Every rule finds what it is for, at its place, and leaves the nearest right thing alone; every code has a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.channels import CHANNEL
from engine.cli.main import main
from engine.define.checks import HINTS, RULES
from engine.define.explain import codes, explain, summary
from engine.define.folder import compile_folder
from tests.unit.define.cases import FOLDER, Case, everything, found
from tests.unit.define.checks_table import PAGE, renewed

ROOT = Path(__file__).resolve().parents[3]
CASES = sorted(FOLDER.glob("*/*.case"))


@pytest.mark.parametrize("file", CASES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_case_has_exactly_these_problems(file: Path, tmp_path: Path) -> None:
    case = Case.read(file)

    assert found(case, tmp_path) == case.expected


def test_every_code_has_a_page_a_case_that_passes_and_one_that_fails() -> None:
    said = {rule.code for rule in RULES}
    for room in ("define", "render"):
        for file in (ROOT / "engine" / room).rglob("*.py"):
            said |= set(re.findall(r"\b(?:code=|CODE = )\"(\w+)\"", file.read_text("utf-8")))
    planted = {file.parent.name: Case.read(file).expected for file in CASES if file.stem == "fails"}
    clean = {file.parent.name: Case.read(file).expected for file in CASES if file.stem == "passes"}

    assert said - set(codes()) == set()
    assert set(codes()) == set(planted) == set(clean)
    assert all(planted.values())
    assert not any(clean.values())


@pytest.mark.parametrize("code", codes())
def test_a_page_begins_with_its_code_and_one_sentence_and_says_what_to_do(code: str) -> None:
    page = explain(code)

    assert page.startswith(f"# {code}\n\n")
    assert re.fullmatch(r"[^\n]+\.", summary(code))
    assert re.search(r"\b[Ww]hat to do:", page)
    assert ("hint" in page) == (code in HINTS) or code == "wait_past_stop"
    assert len(page.splitlines()) <= 40


def test_explain_prints_the_page_and_knows_what_was_meant() -> None:
    runner = CliRunner()

    assert runner.invoke(main, ["check", "--explain", "never_true"]).output == explain("never_true")
    wrong = runner.invoke(main, ["check", "--explain", "never-true"])
    assert wrong.exit_code == 1
    assert "Did you mean 'never_true'?" in wrong.output


def test_the_numbers_on_the_page_of_lengths_are_those_of_the_channels() -> None:
    page = explain("too_long")

    for channel, names in {"push": ("title", "body"), "email": ("subject",), "store": ("title", "body")}.items():
        for name in names:
            assert str(CHANNEL[channel].limits[name]) in page


def test_hints_are_marked_and_do_not_fail_the_check(tmp_path: Path) -> None:
    case = Case.read(FOLDER / "wait_past_stop" / "fails.case")
    for name, text in case.sources.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")

    said = CliRunner().invoke(main, ["check", str(tmp_path)])

    assert said.exit_code == 0, said.output
    assert "journeys/j.yaml:5:11: hint: 'no basket_viewed in last 30d' ends" in said.output
    assert "[wait_past_stop]" in said.output
    assert "No problems" in said.output


@pytest.mark.parametrize("folder", [ROOT, ROOT / "examples" / "grocer"], ids=["starter", "grocer"])
def test_what_we_ship_has_nothing_to_be_said_of(folder: Path) -> None:
    assert [str(problem) for problem in everything(compile_folder(folder))] == []


def test_the_table_of_codes_is_up_to_date() -> None:
    text = PAGE.read_text("utf-8")

    assert renewed(text) == text, "run: python -m tests.unit.define.checks_table"
