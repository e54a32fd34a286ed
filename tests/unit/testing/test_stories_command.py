"""`parcours test`: what it finds, what it says, its exit code; the same files under pytest."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner, Result

from engine.cli.main import main
from tests.unit.testing.stories import BASKET, HEAD, HOME

GOOD = HEAD + BASKET + "    - {at: 2h, expect: {sent: [basket_reminder by push]}}\n"
BAD = GOOD.replace("by push]", "by email]").replace("  one:", "  two:")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace without stories; one stands in it."""
    for name in ("journeys", "templates"):
        copytree(HOME / name, tmp_path / name)
    (tmp_path / "tests").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str) -> Result:
    return CliRunner().invoke(main, ["test", *args])


def test_every_story_of_the_workspace_is_run(home: Path) -> None:
    (home / "tests/good.yaml").write_text(GOOD)
    (home / "journeys/basket.test.yaml").write_text(GOOD)
    (home / "tests/other.yaml").write_text("something: else\n")

    result = run()

    assert result.exit_code == 0
    assert result.output.startswith("2 cases passed in ")


def test_a_failure_is_shown_and_fails(home: Path) -> None:
    (home / "tests/good.yaml").write_text(GOOD)
    (home / "tests/bad.yaml").write_text(BAD)

    result = run()

    assert result.exit_code == 1
    assert "tests/bad.yaml:7:25: two: sent is not as expected." in result.output
    assert "1 case passed, 1 failed in " in result.output
    assert run("-k", "good").exit_code == 0
    assert run("tests/good.yaml").exit_code == 0
    assert run("-k", "no such case").exit_code == 1


def test_a_mistake_fails_and_the_other_stories_run_all_the_same(home: Path) -> None:
    (home / "tests/good.yaml").write_text(GOOD)
    (home / "tests/wrong.yaml").write_text(GOOD.replace("{sent:", "{snt:"))

    result = run()

    assert result.exit_code == 1
    assert "tests/wrong.yaml:7:25: nothing can be expected of 'snt'. Did you mean 'sent'?" in result.output
    assert "1 case passed in " in result.output


def test_json_says_the_same(home: Path) -> None:
    (home / "tests/bad.yaml").write_text(BAD)

    result = run("--json", "--coverage")
    data = json.loads(result.output)

    assert result.exit_code == 1
    assert (data["passed"], data["failed"]) == (0, 1)
    (case,) = data["cases"]
    assert (case["file"], case["case"], case["line"]) == ("tests/bad.yaml", "two", 5)
    (failure,) = case["failures"]
    assert (failure["line"], failure["of"], failure["expected"]) == (7, "sent", ["basket_reminder by email"])
    assert failure["got"] == ["basket_reminder by push at 16:00"]
    assert {reach["journey"]: reach["percent"] for reach in data["coverage"]}["letter"] == 0


def test_coverage_lists_what_no_case_reaches(home: Path) -> None:
    (home / "tests/good.yaml").write_text(GOOD)

    result = run("--coverage")

    assert result.exit_code == 0
    assert "abandoned_basket: 12 % of its 16 steps and branches\n" in result.output
    assert "  journeys/abandoned_basket.yaml:30: no case reaches arm delivery of split:saver_test\n" in result.output
    assert (
        "  journeys/abandoned_basket.yaml:25: no case reaches on_timeout of wait_for:basket_viewed\n" in result.output
    )
    assert "try_next_after of send:basket_reminder" in result.output
    low = run("--fail-under", "50")
    assert low.exit_code == 1
    assert "Below 50 %: abandoned_basket 12 %," in low.output


def test_coverage_changes_no_decision_and_everything_can_be_reached() -> None:
    result = run(str(HOME), "--fail-under", "100")

    assert result.exit_code == 0, result.output


def test_where_there_is_no_story_it_says_what_one_is(home: Path) -> None:
    result = run()

    assert result.exit_code == 1
    assert "There is no story here" in result.output
    assert "There is nothing at tests/gone.yaml." in run("tests/gone.yaml").output
    assert "is no story: its first key is not 'tests:'" in run("journeys/policies.yaml").output
    assert run("/").exit_code == 1


def test_stories_are_no_part_of_the_plan(home: Path) -> None:
    def fingerprint() -> str:
        said = CliRunner().invoke(main, ["check", "--json"]).output
        return str(json.loads(said)["fingerprint"])

    before = fingerprint()
    (home / "journeys/basket.test.yaml").write_text("# a story\n" + GOOD)

    assert fingerprint() == before


def test_check_looks_at_stories_too(home: Path) -> None:
    (home / "tests/wrong.yaml").write_text(GOOD.replace("{sent:", "{snt:"))

    result = CliRunner().invoke(main, ["check"])

    assert result.exit_code == 1
    assert "tests/wrong.yaml:7:25: nothing can be expected of 'snt'. Did you mean 'sent'?" in result.output
    assert "tests/wrong.yaml:7:25" in CliRunner().invoke(main, ["check", "tests/wrong.yaml"]).output


def test_the_same_files_run_under_pytest(home: Path) -> None:
    (home / "tests/good.yaml").write_text(GOOD)
    (home / "tests/bad.yaml").write_text(BAD)
    (home / "tests/wrong.yaml").write_text(GOOD.replace("{sent:", "{snt:"))
    command = [sys.executable, "-m", "pytest", "-p", "engine.testing.pytest_stories", "-p", "no:cacheprovider"]

    said = subprocess.run(
        [*command, "--rootdir=.", "tests"], capture_output=True, text=True, cwd=home, check=False
    ).stdout

    assert "2 failed, 1 passed" in said
    assert "tests/bad.yaml:7:25: two: sent is not as expected.\n  7 |     - {at: 2h" in said
    assert "nothing can be expected of 'snt'" in said
    assert "Traceback" not in said
