"""What-if: the same definitions change nothing, others change what follows from them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner

from engine.cli.main import main
from engine.model.errors import DefinitionError, SetupError, UnknownProfile
from engine.report.archive.archiver import Archiver
from engine.report.archive.place import Place, open_place
from engine.report.archive.work import turn
from engine.report.replay.compare import Compared
from engine.report.replay.figures import Changes, total
from engine.report.replay.side_by_side import side_by_side
from engine.report.replay.what_if import WhatIf, what_if
from engine.runtime.store import Store
from tests.contract.archiving import FOREVER
from tests.contract.replayed_week import FILES, a_week, files
from tests.contract.shop import HOUR, START

ORDERS, POLICIES = FILES["journeys/orders.yaml"], FILES["journeys/policies.yaml"]
made: dict[str, Path] = {}


@pytest.fixture
def place(redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The archive of the days, made once."""
    if "archive" not in made:
        store = Store.open(redis_url)
        a_week(store, files())
        folder = tmp_path_factory.mktemp("replay") / "archive"
        Archiver(store, open_place(str(folder)), 10).take(60)
        made["before"] = folder.with_name("before")  # the erasure has not been carried out there
        copytree(folder, made["before"])
        turn(store, open_place(str(folder)), 10)
        turn(store, open_place(str(folder)), 10, today=FOREVER)
        store.close()
        made["archive"] = folder
    return open_place(str(made["archive"]))


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A draft on disk, in which one message more a day is allowed."""
    for name, text in (FILES | {"journeys/policies.yaml": POLICIES.replace("2 per 24h", "3 per 24h")}).items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def replayed(place: Place, draft: dict[str, str], since: int = 0, **more: object) -> WhatIf:
    return what_if(draft, place, Path("nowhere"), since, **more)  # type: ignore[arg-type]


def drawn(found: Compared) -> list[tuple[str, int, str, str, str]]:
    """(side, hours, kind, message, rule) of every difference."""
    return [
        (each.side, (each.line.at - START) // HOUR, each.line.kind, each.line.message, each.line.rule)
        for each in found.differences
    ]


def test_the_same_definitions_change_nothing_from_wherever_they_are_replayed(place: Place) -> None:
    # given days with waits, caps, quiet hours, a holdout, a split, calls, merges, late events, receipts, a pause, all
    # of them late by a minute and a half; when they are replayed as they were, from the beginning or from somewhere
    for since in (0, START + 10 * HOUR, START + 27 * HOUR):
        found = replayed(place, files(), since).found
        # then there is no difference at all, and the past can be decided again as it was
        assert (found.differences, found.faults, found.astray, sum(found.left_out.values())) == ([], [], 0, 0), since
        assert found.was == found.would
    # and that says something: all of it is there
    whole = replayed(place, files()).found
    kinds = {each[0] for each in whole.was} | {each[4] for each in whole.was}
    assert kinds >= {"sent", "held", "held_out", "called", "merged", "split", "cap", "quiet_hours", "unknown", "retry",
                     "goal", "too_late"}  # fmt: skip


def test_who_was_erased_is_in_no_replay_even_before_the_archive_has_forgotten_them(place: Place) -> None:
    # given an archive in which an erasure is carried out, and one in which it is asked for
    for archive in (place, open_place(str(made["before"]))):
        # when a draft is replayed that gives everybody something else
        found = replayed(archive, files(orders=ORDERS.replace("wait: 3h", "wait: 4h")))
        # then all others are in it, and nobody can ask for her
        assert "customer_id:p12" not in found.found.labels.values()
        assert len(found.found.labels) >= 10
        assert found.found.astray == 0
        with pytest.raises(UnknownProfile):
            replayed(archive, files(), profile="customer_id:p12")


def test_a_changed_cap_changes_what_follows_from_it(place: Place) -> None:
    # when one message more a day is allowed
    draft = files(policies=POLICIES.replace("2 per 24h", "3 per 24h"))
    found = replayed(place, draft).found
    # then every refusal that differs is one of that cap, and what differs begins where the cap first said no
    refused = [each for each in drawn(found) if each[2] == "refused"]
    assert {each[4] for each in refused} == {"cap"}
    assert drawn(found)[0][:1] + drawn(found)[0][2:3] == ("was", "refused")
    assert total(found.would, "refused", {"reason": "cap"}) < total(found.was, "refused", {"reason": "cap"})
    assert Changes.of(found).gone == []
    # and the answer of several processes is the same
    again = replayed(place, draft, jobs=2).found
    assert (again.differences, again.was, again.would) == (found.differences, found.was, found.would)


def test_a_journey_that_is_taken_away_starts_no_more_and_its_runs_go_on(place: Place) -> None:
    # given a draft without the welcome journey, from an hour on at which everybody is within it
    draft = {name: text for name, text in files().items() if name != "journeys/welcome.yaml"}
    found = replayed(place, draft, START + HOUR).found
    # then nothing differs: nobody comes in any more, and whoever is inside goes on
    assert found.differences == []
    # when it is missing from the beginning, all of it is gone
    found = replayed(place, draft).found
    assert total(found.would, "sent", {"journey": "welcome"}) == 0
    assert {each.journey for each in Changes.of(found).gone} >= {"welcome"}


def test_reactions_count_only_for_the_same_message(place: Place) -> None:
    # given a draft that words one message otherwise
    name = "templates/messages/order_offer.j2"
    draft = files() | {name: files()[name].replace("Ten percent", "Twenty percent")}
    # when it is replayed
    found = replayed(place, draft).found
    # then it leaves as before and reads otherwise, and nobody is known to have opened it: what waits for that times out
    assert {message for message, _ in found.reworded} >= {"order_offer"}
    assert found.left_out["opened"] > 0
    assert total(found.would, "called", {}) < total(found.was, "called", {})
    # and when the messages leave a little earlier and read the same, they are the same: those count that came after
    sooner = replayed(place, files(orders=ORDERS.replace("wait: 3h", "wait: 179m"))).found
    assert Changes.of(sooner).shifted
    assert total(sooner.would, "called", {}) > total(found.would, "called", {})


def test_what_a_draft_cannot_do_is_told(place: Place) -> None:
    # a message that cannot be written
    name = "templates/messages/order_offer.j2"
    draft = files() | {name: files()[name].replace("Ten percent", "{{ customer.orders / 0 }}")}
    found = replayed(place, draft).found
    assert {each[0] for each in found.unrendered} == {"order_offer"}
    assert total(found.would, "sent", {"message": "order_offer"}) == 0
    # events that it does not know
    draft = {
        path: text.replace("order_placed", "order_made") if path.endswith("l") else text
        for path, text in files().items()
    }
    found = replayed(place, draft).found
    assert found.unknown["order_placed"] > 20
    assert total(found.would, "started", {"journey": "orders"}) == 0
    # definitions that do not compile, a time of which nothing is archived, somebody whom nobody knows
    with pytest.raises(DefinitionError):
        replayed(place, files(orders=ORDERS.replace("wait: 3h", "wiat: 3h")))
    with pytest.raises(SetupError, match="The archive ends at"):
        replayed(place, files(), START + 900 * HOUR)
    with pytest.raises(SetupError, match="Nothing lies between"):
        replayed(place, files(), START + HOUR, until=START)
    with pytest.raises(UnknownProfile, match="nobody at all"):
        replayed(place, files(), profile="customer_id:nobody at all")


def test_one_customer_is_told_side_by_side_with_whom_they_were_merged(place: Place) -> None:
    # when one customer is asked for, by the identifier of somebody who turned out to be the same
    draft = files(policies=POLICIES.replace("2 per 24h", "3 per 24h"))
    found = replayed(place, draft, profile="customer_id:guest")
    # then both stories are told, and only theirs
    assert len(found.who) == 2
    assert found.found.labels[found.who[0]] in ("customer_id:p8", "customer_id:guest")
    rows = side_by_side(found)
    assert [each.at for each in rows] == sorted(each.at for each in rows)
    assert any(each.was == each.would for each in rows)
    # and what differs stands on one side, with its reason
    assert all("3 of 3 per 24h" in each.would or not each.would for each in rows if "2 of 2 per 24h" in each.was)
    assert {profile for profile, _ in found.found.told_was} <= set(found.who)


def test_the_command_tells_it_to_people_to_programs_and_to_ci(place: Place, workspace: Path) -> None:
    # given a draft and the archive
    given = ["replay", "--since", "4d", "-w", str(workspace), "--archive", str(made["archive"])]
    run = CliRunner().invoke
    # when it is replayed for a program
    told = run(main, [*given, "--json", "--fail-if", "sent > +500%", "--fail-if", "refused.cap < +0"])
    # then one of the conditions holds, and everything that the page promises is there
    assert told.exit_code == 3, told.output
    data = json.loads(told.output)
    assert [each["holds"] for each in data["fail_if"]] == [False, True]
    page = (Path(__file__).parents[2] / "docs/replay.md").read_text().partition("<!-- fields: what_if -->")[2]
    assert set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| ([^|]+) \|", page, re.M)))) == {
        *data, "profiles", "was", "would"
    }  # fmt: skip
    # and for people: what would be sent as well, by journey, channel and reason; and what is assumed
    told = run(main, given)
    assert told.exit_code == 0, told.output
    for words in ("messages would be sent as well", "orders: refused offer by email - cap", "Assumed:"):
        assert words in told.output
    # and what cannot be is said before anything is replayed
    assert run(main, [*given, "--fail-if", "sent.fax > 1"]).exit_code == 2
    assert run(main, [*given, "--until", "tomorrow"]).exit_code == 2
    (workspace / "journeys/orders.yaml").write_text(ORDERS.replace("wait: 3h", "wiat: 3h"))
    told = run(main, given)
    assert told.exit_code == 1
    assert "journeys/orders.yaml:" in told.output
    assert "parcours check --explain" in told.output
