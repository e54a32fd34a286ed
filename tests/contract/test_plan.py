"""`parcours plan` and `parcours deploy` on a real store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.cli.main import main
from engine.define.folder import read_folder
from engine.model.errors import DefinitionError
from engine.runtime.clock import Clock
from engine.runtime.deploy import publish_checked
from engine.runtime.engine import Engine
from engine.runtime.plans import PublishedPlans
from engine.runtime.pump import drain
from engine.runtime.store import Store
from tests.contract.shop import HOUR, SOURCES, START, Recording, agreed, joined, records, shop

# one server: what is different on a cluster is tried beside the parts of a release
pytestmark = pytest.mark.parametrize("store", ["server"], indirect=True)

BRAND = """
brand:
  name: Fernhill
  links: {unsubscribe: "https://fernhill.example/stop"}
  legal: {email: {en: Fernhill}, sms: {en: STOP to 36000}}
"""
POLICIES = """
policies:
  timezone: UTC
  purposes: {marketing: {}, service: {transactional: true}}
  caps: [{limit: 3 per 7d, purpose: service}]
"""
NEWER = """
journey: welcome
purpose: service
start: {event: account_created}
goal: order_placed
steps:
  - send: welcome
    via: email
  - wait: 6h
  - send: welcome
    via: [email, sms]
"""


@pytest.fixture
def workspace(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shop as files, for a store that runs."""
    monkeypatch.setenv("PARCOURS_REDIS_URL", store.url)
    for name, text in SOURCES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "journeys/policies.yaml").write_text(POLICIES)
    (tmp_path / "journeys/brand.yaml").write_text(BRAND)
    return tmp_path


def said(*words: str | Path) -> Result:
    answer = CliRunner().invoke(main, [str(word) for word in words])
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
    return answer


def opened(store: Store) -> tuple[Engine, Recording]:
    provider = Recording()
    fixed = shop(store, provider)
    return Engine(store, PublishedPlans(store), fixed.senders, fixed.bells), provider


def inside(store: Store, workspace: Path, people: int = 3) -> tuple[Engine, Recording]:
    """The shop is deployed, and people wait in its journey."""
    answer = said("deploy", workspace)
    assert answer.exit_code == 0, answer.output
    engine, provider = opened(store)
    engine.accept([agreed(), *(joined(f"e{n}", f"c{n}") for n in range(people))])
    drain(engine)
    return engine, provider


def test_a_plan_says_what_changes_and_who_stands_where(store: Store, workspace: Path) -> None:
    answer = said("plan", workspace)
    assert (answer.exit_code, answer.output) == (
        2,
        "Nothing is deployed yet: all of this workspace is new, its 1 journeys and all else.\n",
    )
    inside(store, workspace)
    answer = said("plan", workspace)
    assert answer.exit_code == 0
    assert "nothing changes" in answer.output
    assert "        3  wait:2h" in answer.output
    # when all kinds of things change
    (workspace / "journeys/welcome.yaml").write_text(NEWER + "map: {wait:2h: wait:6h}\n")
    (workspace / "journeys/policies.yaml").write_text(POLICIES.replace("3 per 7d", "5 per 7d"))
    (workspace / "journeys/segments.yaml").write_text("segments: {buyers: customer.orders > 0}\n")
    (workspace / "templates/messages/offer.j2").unlink()
    answer = said("plan", workspace)
    assert answer.exit_code == 2, answer.output
    for line in (
        "  ~ journey welcome\n",
        "      + wait:6h: wait: 6h  (journeys/welcome.yaml:9)\n",
        "      - wait:2h: wait: 2h  (journeys/welcome.yaml:8)\n",
        "      + send:welcome:2: send: welcome, via: [email, sms]  (journeys/welcome.yaml:10)\n",
        "      + goal: order_placed  (journeys/welcome.yaml:5)\n",
        "  ~ policies caps[0].limit: 3 per 7d -> 5 per 7d\n",
        "  + segments: {buyers: customer.orders > 0}\n",
        "  - templates templates/messages/offer.j2\n",
        ": 3, moved\n            3  wait:2h -> wait:6h\n",
        "  segments: added\n",
        "  journey welcome takes people along\n",
    ):
        assert line in answer.output, line + answer.output
    data = json.loads(said("plan", workspace, "--json").output)
    assert [(group["step"], group["people"], group["to"]) for group in data["people"]] == [("wait:2h", 3, "wait:6h")]
    assert {(each["kind"], each["what"]) for each in data["changes"]} >= {("journey", "changed"), ("segments", "added")}


def test_a_deploy_takes_people_along(store: Store, workspace: Path) -> None:
    engine, provider = inside(store, workspace)
    (workspace / "journeys/welcome.yaml").write_text(NEWER + "map: {wait:2h: wait:6h}\n")
    answer = said("deploy", workspace)
    assert answer.exit_code == 0, answer.output
    assert "3 people are taken along." in answer.output
    drain(engine)
    assert [record.step for record in records(store) if record.kind == "moved"] == ["wait:6h"] * 3
    Clock(store).hold(START + 3 * HOUR)
    drain(engine)
    assert len(provider.sent) == 3
    Clock(store).hold(START + 6 * HOUR)
    drain(engine)
    assert [sent.message for sent in provider.sent[3:]] == ["welcome"] * 3
    assert said("deploy", workspace).output.startswith("Nothing changes")


def test_what_no_longer_fits_a_version_that_people_are_inside_is_refused(store: Store, workspace: Path) -> None:
    engine, _ = inside(store, workspace)
    (workspace / "journeys/welcome.yaml").write_text(NEWER)
    (workspace / "templates/messages/offer.j2").unlink()
    for command in ("plan", "deploy"):
        answer = said(command, workspace)
        assert answer.exit_code == 1
        assert "which this no longer fits: there is no template for the message 'offer'" in answer.output
    with pytest.raises(DefinitionError, match="which this no longer fits"):  # nor does `up` start with it
        publish_checked(store, read_folder(workspace), "up")
    # a template that asks for what their start does not have
    text = SOURCES["templates/messages/offer.j2"].replace("Ten percent", "{{ start.colour }}")
    (workspace / "templates/messages/offer.j2").write_text(text)
    answer = said("deploy", workspace)
    assert "which this no longer fits: start has no 'colour' (sent by 'welcome')" in answer.output
    # a purpose that is gone
    (workspace / "templates/messages/offer.j2").write_text(SOURCES["templates/messages/offer.j2"])
    (workspace / "journeys/policies.yaml").write_text(POLICIES.replace("marketing: {}, ", ""))
    assert "no purpose 'marketing'" in said("deploy", workspace).output
    # when nobody is inside any more, it is nobody's concern
    Clock(store).hold(START + 5 * HOUR)
    drain(engine)
    (workspace / "templates/messages/offer.j2").unlink()
    answer = said("deploy", workspace)
    assert answer.exit_code == 0, answer.output


def test_a_map_from_a_step_that_nobody_can_stand_at_is_refused(store: Store, workspace: Path) -> None:
    inside(store, workspace)
    (workspace / "journeys/welcome.yaml").write_text(NEWER + "map: {wait:22h: wait:6h}\n")
    answer = said("deploy", workspace)
    assert answer.exit_code == 1
    assert "nobody can stand at 'wait:22h'" in answer.output
    assert "Did you mean 'wait:2h'?" in answer.output
    # one that has done its work may stay
    (workspace / "journeys/welcome.yaml").write_text(NEWER + "map: {wait:2h: wait:6h}\n")
    assert said("deploy", workspace).exit_code == 0
    drain(opened(store)[0])
    (workspace / "journeys/welcome.yaml").write_text(NEWER + "map: {wait:2h: wait:6h}\nowner: ana\n")
    assert said("deploy", workspace).exit_code == 0


def test_only_what_was_planned_is_deployed(store: Store, workspace: Path) -> None:
    inside(store, workspace)
    (workspace / "journeys/welcome.yaml").write_text(NEWER)
    kept = workspace / "release.json"
    assert said("plan", workspace, "--out", kept).exit_code == 2
    (workspace / "journeys/welcome.yaml").write_text(NEWER + "owner: ana\n")
    assert "the workspace has changed since this was planned" in said("deploy", workspace, "--plan", kept).output
    (workspace / "journeys/welcome.yaml").write_text(NEWER)
    assert said("deploy", workspace, "--plan", kept).exit_code == 0
    assert "what is deployed has changed since this was planned" in said("deploy", workspace, "--plan", kept).output
    assert "was not written by" in said("deploy", workspace, "--plan", workspace / "journeys/welcome.yaml").output
    # and who did it stays on record
    first, second = said("plan", workspace, "--history").output.splitlines()
    assert " deploy " in first
    assert " over " in first
    assert " over " not in second


def test_people_inside_a_journey_that_is_gone_go_on_to_its_end(store: Store, workspace: Path) -> None:
    engine, provider = inside(store, workspace)
    (workspace / "journeys/welcome.yaml").rename(workspace / "journeys/hello.yaml")
    text = (workspace / "journeys/hello.yaml").read_text()
    (workspace / "journeys/hello.yaml").write_text(text.replace("journey: welcome", "journey: hello"))
    answer = said("plan", workspace)
    assert answer.exit_code == 2, answer.output
    assert "  - journey welcome\n" in answer.output
    assert ": 3, who keep to it\n" in answer.output
    assert said("deploy", workspace).exit_code == 0
    Clock(store).hold(START + 3 * HOUR)
    drain(engine)
    ended = [(record.journey, record.reason.partition(":")[0]) for record in records(store) if record.kind == "ended"]
    assert len(ended) == 3
    assert {journey for journey, _ in ended} == {"welcome"}
    assert not {"lost_step", "runaway"} & {reason for _, reason in ended}
    # and newcomers walk the other one
    engine.accept([joined("late", "dee")])
    drain(engine)
    assert (provider.sent[-1].journey, provider.sent[-1].message) == ("hello", "welcome")


def test_what_is_stopped_stays_so_over_a_release(store: Store, workspace: Path) -> None:
    engine, provider = inside(store, workspace)
    assert said("pause", "welcome").exit_code == 0
    (workspace / "journeys/welcome.yaml").write_text(NEWER + "map: {wait:2h: wait:6h}\n")
    assert said("deploy", workspace).exit_code == 0
    assert "  welcome is paused since " in said("plan", workspace).output
    Clock(store).hold(START + 7 * HOUR)
    drain(engine)
    assert len(provider.sent) == 3
    assert not [record for record in records(store) if record.kind == "moved"]
    # when it goes on, everybody is taken along and sent what is overdue
    assert said("resume", "welcome", "--continue").exit_code == 0
    drain(engine)
    assert [sent.message for sent in provider.sent[3:]] == ["welcome"] * 3
