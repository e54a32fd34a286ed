"""Decisions of a running installation: exported with what became of them, measured, replayed under a draft."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli.main import main
from engine.define.folder import read_folder
from engine.report.archive.place import open_place
from engine.report.archive.work import turn
from engine.runtime import keys
from engine.runtime.plans import publish
from engine.runtime.store import Store
from tests.contract.archiving import FOREVER
from tests.contract.asked import HOME, NOW, App, compiled

# One server: the log of a shard lies on one node anyway.
pytestmark = pytest.mark.parametrize("store", ["server"], indirect=True)


@pytest.fixture
def app(store: Store) -> Iterator[App]:
    made = App(store)
    yield made
    made.close()


def run(*words: str) -> str:
    result = CliRunner().invoke(main, ["decisions", *words])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_way_of_decisions_from_the_log_to_the_report(
    app: App, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARCOURS_REDIS_URL", store.url)
    publish(store, read_folder(HOME))
    app.happens("tier_changed", tier="gold")
    (told,) = app.ask("web.home", context={"intent": "browse"}, explain=True)["decisions"]
    assert told["arm"] == "treated"
    outcome = {"action": "early_access", "placement": "web.home", "decision": told["decision_id"]}
    app.happens("action_outcome", NOW + 60_000, outcome="shown", **outcome)
    app.happens("action_outcome", NOW + 70_000, outcome="accepted", **outcome)
    app.happens("order_placed", NOW + 80_000, order_id="o1", total=60.5)
    file = tmp_path / "decisions.jsonl"

    assert "1 decisions, 2 conversions" in run("export", str(file))
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert [each["outcome"] for each in rows[0]["outcomes"]] == ["shown", "accepted"]
    assert {each["measure"]: each["value"] for each in rows[1:]} == {"orders": 1.0, "revenue": 60.5}
    live, kept = (json.loads(run("report", *where, "--json")) for where in ((), (str(file),)))
    assert live == kept
    (action,) = live["acceptance"]["action"]
    assert (action["name"], action["offered"], action["accepted"]) == ("early_access", 1, 1)

    while turn(store, open_place(str(tmp_path / "archive")), 100, today=FOREVER):
        pass
    monkeypatch.setenv("PARCOURS_ARCHIVE_URL", str(tmp_path / "archive"))
    assert json.loads(run("report", "--json")) == live  # both know it: it counts once
    store.redis.delete(*(keys.log(shard) for shard in keys.EVERY_SHARD))
    assert json.loads(run("report", "--json")) == live

    draft = tmp_path / "draft"
    for name, text in compiled().sources.items():
        path = draft / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("value: 5\n", "value: 0.1\n"))
    found = json.loads(run("replay", "--draft", str(draft), "--json"))
    assert [each["policy"] for each in found["policies"]] == ["draft"]
    assert found["policies"][0]["unsupported"] == 1.0  # nothing is learned there, so nothing else was ever possible
    assert "could not have been shown" in run("replay", str(file), "--draft", str(draft))
