"""The grocer's workspace: sound, whole in both languages, and true to what it promises on real households."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from engine.define.checks import findings
from engine.define.folder import compile_folder
from engine.define.workspace import Compiled
from engine.model.record import Record
from engine.testing.run import run_lines, until_instant
from examples.grocer import events, one_answer, people, source

HOME = Path(source.__file__).parent
MESSAGES = sorted((HOME / "templates" / "messages").glob("*.j2"))
JOURNEYS = "\n".join(path.read_text() for path in sorted((HOME / "journeys").glob("*.yaml")))
VARIABLE = re.compile(r"%\((\w+)\)")
SHOP = ZoneInfo(source.ZONE)
SENT_BY_SMS = re.findall(r"send: (\w+)\n\s+via: \[.*\bsms\b.*\]", JOURNEYS)
# GSM 03.38 without its extension table: one letter beyond it makes a text message twice as long
PLAIN_SMS = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
FEW = ["1", "165", "900", "1238", "1617"]  # 900 agreed to nothing, the others to one channel or two


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    return compile_folder(HOME)


@pytest.fixture(scope="module")
def french() -> dict[str, str]:
    with (HOME / "templates" / "locales" / "fr.po").open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file, "fr", abort_invalid=True) if entry.id}


@pytest.fixture(scope="module")
def told(compiled: Compiled) -> list[Record]:
    """Everything that happened to a few households in their real year."""
    records: list[Record] = []
    lines: Iterator[bytes] = (msgspec.json.encode(event) for event in events.events(FEW))
    run_lines(compiled.sound(), lines, records.append, until=until_instant("2018-01-01T05:00:00"))
    return records


def sent(told: list[Record], household: str = "") -> list[Record]:
    return [r for r in told if r.kind == "sent" and (not household or r.label.endswith(f":{household}"))]


def test_the_workspace_has_no_problems(compiled: Compiled) -> None:
    assert compiled.problems == ()
    assert len(compiled.plan.journeys) == 7
    assert findings(compiled.plan, compiled.renderer, compiled.sources) == ()
    assert compiled.renderer.locales == ("en", "fr")


def test_every_text_of_every_message_is_translated_and_nothing_more(french: dict[str, str]) -> None:
    texts = set()
    for path in MESSAGES:
        with path.open("rb") as file:
            texts |= {str(text) for _, text, *_ in extract("jinja2.ext:babel_extract", file, options={"silent": "no"})}
    assert len(texts) > 50
    assert texts == set(french)
    assert all(french.values())


def test_translations_keep_their_variables(french: dict[str, str]) -> None:
    assert {k: VARIABLE.findall(v) for k, v in french.items()} == {k: VARIABLE.findall(k) for k in french}


def test_every_message_is_sent_by_a_journey_or_said_by_an_action(compiled: Compiled) -> None:
    said = {action.message for action in compiled.plan.actions.values()}
    assert set(re.findall(r"send: (\w+)", JOURNEYS)) | said == {path.stem for path in MESSAGES}


@pytest.mark.parametrize("locale", ["en", "fr"])
@pytest.mark.parametrize("message", SENT_BY_SMS)
def test_a_text_message_is_one_plain_sms(compiled: Compiled, message: str, locale: str) -> None:
    start = {"campaign": "26", "type": "Type A", "ends": "2017-12-24"}
    roots = {"start": start, "journey": "coupon_reminder", "message_id": "m1", "transactional": message[:4] == "card"}
    text = compiled.renderer.render(message, "sms", locale, roots).parts["text"]
    assert set(text) <= set(PLAIN_SMS), text
    assert len(text) <= 160, text


def test_the_categories_that_journeys_ask_for_are_on_the_shelves() -> None:
    asked = set(re.findall(r'categories contains "([^"]+)"', JOURNEYS))
    shelves = {(c or "").lower() for c in source.Table("products", ["product_category"]).texts("product_category")}
    assert {"cat food", "dog foods", "baby foods", "coffee"} <= asked <= shelves


def test_every_event_is_understood(told: list[Record]) -> None:
    assert [r.reason for r in told if r.kind in ("set_aside", "flagged")] == []


def test_using_a_coupon_ends_its_reminders_at_that_second(told: list[Record]) -> None:
    # given household 165 had the coupons of campaign 26 since 28 December and used one on 3 January
    run = [r for r in told if r.journey == "coupon_reminder" and r.key == "26" and r.label.endswith(":165")]
    # then nothing was sent and the goal ended it
    assert [r.kind for r in run] == ["started", "suggested", "ended"]
    assert run[-1].at == until_instant("2017-01-03T17:03:20")
    assert run[-1].reason.startswith("goal: coupon_redeemed")


def test_marketing_leaves_by_day_in_the_shop_s_zone_and_the_confirmation_at_once(told: list[Record]) -> None:
    assert len(sent(told)) > 30
    for record in sent(told):
        hour = datetime.fromtimestamp(record.at / 1000, UTC).astimezone(SHOP).hour
        assert 8 <= hour < 21 or record.channel == "store" or record.message == "card_confirmed", record
    held = [r for r in told if r.kind == "held"]
    assert held
    assert {r.reason.partition(":")[0] for r in held} == {"quiet_hours"}


def test_marketing_goes_only_where_it_was_agreed_to(told: list[Record]) -> None:
    for household in FEW:
        agreed = {consent["channel"] for consent in people.consents(int(household))}
        used = {r.channel for r in sent(told, household) if r.message != "card_confirmed"}
        assert used - {"store"} <= agreed, household


def test_who_wants_no_messages_is_thanked_in_the_shop(told: list[Record]) -> None:
    assert not list(people.consents(900))
    assert {(r.message, r.channel) for r in sent(told, "900")} == {
        ("card_confirmed", "email"),
        ("loyal_thanks", "store"),
    }


def test_four_places_get_one_answer_as_the_page_tells_it(compiled: Compiled) -> None:
    page = (HOME / "README.md").read_text("utf-8").partition("<!-- transcript -->\n```text\n")[2].partition("```")[0]
    assert page.splitlines() == list(one_answer.conversation(one_answer.Virtual(compiled)))
