"""`parcours report`: what it shows, and what it says when there is nothing to show."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli.main import main
from engine.report.measures.every import MEASURES
from tests.unit.report.measures.small import Small
from tests.unit.report.showing.archived import archive
from tests.unit.report.showing.drawings import HOSTILE

pytestmark = pytest.mark.slow


def some() -> Small:
    rows = Small()
    for number in range(4):
        rows.did(f"c{number}", f"{number}d", "seen", "web").did(f"c{number}", f"{number}d1h", "order_placed", total=10)
        rows.came(f"c{number}", f"{number}d", "started", journey="j", version="v", id=f"r{number}")
        rows.came(
            f"c{number}",
            f"{number}d",
            "sent",
            journey="j",
            version="v",
            step="send:m1",
            id=f"m{number}",
            channel="email",
            purpose="marketing",
            message="m1",
        )
    return rows


def ran(*given: str | Path, code: int = 0) -> str:
    found = CliRunner().invoke(main, ["report", *map(str, given)])
    assert found.exit_code == code, found.output
    return found.output


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archive(tmp_path_factory.mktemp("past"), some())


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_measures_come_as_tables_as_data_and_as_a_page(past: Path, tmp_path: Path) -> None:
    shown = ran("--archive", past, "reach", "journeys")
    told = json.loads(ran("--archive", past, "--json"))
    said = ran("--archive", past, "pressure", "--html", tmp_path / "r.html")

    assert shown.index("Customers by number of channels") < shown.index("How far runs come")
    assert "Pressure" not in shown
    assert [each["name"] for each in told["measures"]] == [each.name for each in MEASURES]
    assert list(told) == ["version", "shop", "currency", "zone", "since", "until", "journeys", "measures"]
    (weeks,) = (t for m in told["measures"] for t in m["tables"] if t["title"].startswith("Marketing messages"))
    assert weeks["columns"][0] == {"title": "channel", "unit": "text"}
    assert weeks["rows"][0][:3] == ["all", 4, 4]
    assert said == f"{tmp_path}/r.html: 1 measures.\n"
    assert '<h2 id="report-pressure">' in (tmp_path / "r.html").read_text("utf-8")


def test_only_what_some_journeys_did_is_left_and_what_customers_did_stays(past: Path) -> None:
    told = json.loads(ran("--archive", past, "--json", "reach", "journeys", "--journey", "j"))
    assert [len(each["tables"]) > 0 for each in told["measures"]] == [True, True]
    assert "Did you mean 'j'?" in ran("--archive", past, "--journey", "jj", code=2)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["reech"], "'reech' is no measure. Did you mean 'reach'?"),
        (["--since", "2020-01-01", "--until", "2020-02-01"], "Nothing happened from 2019-12-31T23:00:00Z"),
        (["--since", "yesterday"], "'yesterday' is no time: write 2026-03-01"),
        (["--since", "2026-03-05", "--until", "2026-03-01"], "The window ends (2026-03-01) before it begins"),
        (["--html", "no/such/folder.html"], "there is no folder no/such"),
    ],
)
def test_who_asks_for_what_is_not_there_is_told_what_is(past: Path, given: list[str], said: str) -> None:
    shown = CliRunner().invoke(main, ["report", "--archive", str(past), *given])
    assert shown.exit_code in (1, 2)
    assert said in " ".join(shown.output.split())


def test_without_an_archive_or_with_an_empty_one_it_says_what_to_do(tmp_path: Path) -> None:
    assert "`parcours up` keeps one" in ran(code=1)
    assert "There is no archive at nowhere" in ran("--archive", "nowhere", code=1)
    assert "The archive is empty" in ran("--archive", archive(tmp_path / "empty", Small()), code=1)
    assert not (tmp_path / "nowhere").exists()


def test_the_list_says_exactly_what_is_counted_by_the_definitions_of_the_workspace() -> None:
    shown = " ".join(ran("--list", "pressure", "-w", Path(__file__).parents[4]).split())
    assert shown.startswith("pressure Pressure. Needs:")
    assert "A marketing message is one that was sent" in shown
    assert "courtesy, internal, service" in shown


def test_an_archive_of_an_older_release_lacks_columns_and_is_read_all_the_same(tmp_path: Path) -> None:
    old = archive(tmp_path / "old", some(), without=("purpose", "figures", "explore"))
    told = json.loads(ran("--archive", old, "--json"))
    (weeks,) = (t for m in told["measures"] for t in m["tables"] if t["title"].startswith("Marketing messages"))
    assert weeks["rows"][0][:3] == ["all", 4, 4]


def test_hostile_names_are_shown_as_they_are_in_the_terminal_and_the_page(tmp_path: Path) -> None:
    rows = Small().did(HOSTILE, "1d", "seen", HOSTILE)
    rows.came(HOSTILE, "1d", "started", journey=HOSTILE, version="[red]", id="r").came(
        HOSTILE, "1d", "sent", journey=HOSTILE, step=HOSTILE, id="m", channel=HOSTILE
    )
    past = archive(tmp_path / "past", rows)
    shown = ran("--archive", past)
    ran("--archive", past, "--html", tmp_path / "r.html")
    assert "[red]" in shown
    assert "\x1b" not in shown
    assert "<script" not in (tmp_path / "r.html").read_text("utf-8")
