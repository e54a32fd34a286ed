"""Asking for the next best action over HTTP, on a real Redis."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from engine.api.problem import Refused
from engine.api.questions import read_questions
from engine.model.ids import parts_of_decision, profile_id, shard_of, token
from engine.model.span import DAY, HOUR
from engine.model.vocabulary import Type
from engine.runtime import keys
from engine.runtime.asking.fetch import RESERVED
from engine.runtime.asking.question import Question
from engine.runtime.decisions import read_decision
from engine.runtime.store import Store
from engine.runtime.telling import sentence
from tests.contract.asked import NOW, App, compiled, priced
from tests.unit.docs.pages import ROOT, blocks

ANA = profile_id("customer_id", "ana")
CATALOG = "catalog: {{products: {{key: sku, items: {{boots: {{name: Boots, price: {}}}}}}}}}\n"
EARLY = """{% extends layout %}{% block headline %}Early{% endblock %}
{% block summary %}{{ ui.price(catalog.products.boots.price) }}{% endblock %}"""


@pytest.fixture
def app(store: Store) -> Iterator[App]:
    made = App(store)
    yield made
    made.close()


@pytest.fixture
def alone(redis_url: str) -> Iterator[App]:
    """On one server."""
    made = App(Store.open(redis_url))
    yield made
    made.close()


def names(told: dict[str, Any]) -> list[str]:
    return [each["action"] for each in told["decisions"][0]["actions"]]


def test_a_customer_is_told_the_best_with_its_words_and_the_rest_is_accounted_for(app: App) -> None:
    app.happens("tier_changed", tier="gold")
    told = app.ask("web.home", context={"intent": "browse"}, explain=True)

    (decision,) = told["decisions"]
    (best,) = decision["actions"]
    assert (told["profile"], best["action"], best["rank"]) == (ANA, "early_access", 1)
    assert best["content"] == {"title": "early access", "body": "Some words."}
    assert best["factors"]["boost"] == 1.5
    assert decision["rules"] == [
        {"rule": "vip", "place": "journeys/rules.yaml:8"},
        {"rule": "vip_early_access", "place": "journeys/rules.yaml:2"},
    ]
    left = {each["action"]: each for each in decision["removed"]}
    assert {*left, "early_access"} == {*compiled().plan.actions}
    assert left["boot_care_kit"]["stage"] == "eligibility"
    assert left["boot_care_kit"]["place"] == "journeys/actions.yaml:5"


def test_the_story_tells_an_answer_once_for_each_placement_and_day(app: App) -> None:
    app.happens("tier_changed", tier="gold")
    for after in (0, 60_000, DAY):
        app.later(after)
        for placement in ("web.home", "app.home", "web.home"):
            app.ask(placement)
    told = [each for each in app.engine.store.shards.timeline(ANA) if each.kind == "decided"]
    assert [(each.at, (each.extra or {})["placement"]) for each in told] == [
        (NOW, "web.home"),
        (NOW, "app.home"),
        (NOW + DAY, "web.home"),
        (NOW + DAY, "app.home"),
    ]
    assert sentence(told[0], "UTC") == f"the answer at web.home: {names(app.ask('web.home'))[0]}"


def test_the_log_keeps_what_was_decided(app: App) -> None:
    app.happens("tier_changed", tier="gold")
    told = app.ask("app.home", context={"intent": "browse"}, request_id="r1", limit=1)

    logged = [read_decision(fields) for _, fields in app.engine.store.shards.read_log(shard_of(ANA))]
    (decision,) = [each for each in logged if each is not None]
    assert (decision.id, decision.profile, decision.at) == (told["decisions"][0]["decision_id"], ANA, NOW)
    assert (decision.shown, decision.request, decision.context) == (["early_access"], "r1", {"intent": "browse"})
    assert [each.action for each in decision.candidates] == ["early_access", "spring_sale", "new_arrivals"]
    assert ("boot_care_kit", "eligibility") in [(each.action, each.stage) for each in decision.removed]


def test_the_log_keeps_the_prices_that_an_answer_says_also_when_they_are_those_of_yesterday(app: App) -> None:
    def logged(cost: int) -> dict[str, float]:
        app.release(priced("", EARLY, {"journeys/catalog.yaml": CATALOG.format(cost)}))
        app.ask("app.home")
        entries = [read_decision(fields) for _, fields in app.engine.store.shards.read_log(shard_of(ANA))]
        return [each.figures for each in entries if each is not None][-1]

    app.happens("tier_changed", tier="gold")
    assert logged(99) == {"products/boots.price": 99.0}
    app.happens("action_outcome", action="early_access", outcome="shown", placement="app.home")
    assert logged(89) == {"products/boots.price": 99.0}  # for what was shown stays the answer


def test_a_stranger_is_told_what_strangers_are_told(app: App) -> None:
    for who in ("customer_id:nobody", {"customer_id": 4711}, None, "c" + "0" * 24):
        told = app.ask(profile=who)
        assert (told["profile"], names(told)) == (None, ["new_arrivals"])


def test_the_same_request_is_told_the_same_whatever_has_happened_since(app: App) -> None:
    first = app.ask(request_id="r1")
    app.happens("case_opened", case_id="c1")
    assert app.ask(request_id="r1") == first
    assert names(app.ask(request_id="r2")) == ["call_back"]
    others: list[dict[str, Any]] = [{"placement": "app.home"}, {"profile": "customer_id:ben"}, {"context": {"a": "x"}}]
    for other in others:
        refused = app.ask(**{"request_id": "r1", **other})
        assert (refused["status"], refused["field"]) == (409, "request_id")


def test_one_request_in_two_processes_at_once_has_one_answer(app: App, store: Store) -> None:
    """The other one waits until it is written, and answers itself where nobody does."""
    other = App(store)
    app.asker.behind.leave_to(lambda: None)  # nobody writes but for `flush`
    body = {"profile": "customer_id:ana", "placement": "web.home", "request_id": "r1", "budget_ms": 10_000}
    with ThreadPoolExecutor() as threads:
        first = app.call("POST", "/v1/decisions", json=body).json()
        app.happens("case_opened", case_id="c1")
        second = threads.submit(other.ask, request_id="r1")
        time.sleep(0.1)
        assert not second.done()
        app.asker.behind.flush()
        assert second.result() == first
    store.redis.set(keys.request(token("request", "r2")), RESERVED, px=300)  # by somebody who died
    assert names(other.ask(request_id="r2")) == ["call_back"]
    other.close()


def test_every_place_is_told_the_same_and_a_case_is_honoured_at_all_of_them(app: App) -> None:
    app.happens("tier_changed", tier="gold")
    places = ("web.home", "app.home", "store.till")
    told = app.ask(places, context={"intent": "browse"})
    assert [each["actions"][0]["action"] for each in told["decisions"]] == ["early_access"] * 3
    app.happens("case_opened", case_id="c1")
    told = app.ask(places)
    assert [[each["action"] for each in found["actions"]] for found in told["decisions"]] == [["call_back"], [], []]


def test_who_was_merged_is_found_by_either_name(app: App) -> None:
    app.happens("tier_changed", tier="gold", who={"email": "ana@x.org"})
    app.happens("case_opened", case_id="c1")
    by_mail = app.ask(profile="email:Ana@x.org")["profile"]
    assert by_mail != ANA
    app.happens("identified", who={"customer_id": "ana", "email": "ana@x.org"})

    found = [app.ask(profile=who) for who in ("email:ana@x.org", "customer_id:ana", ANA, by_mail)]
    assert len({each["profile"] for each in found}) == 1
    assert [names(each) for each in found] == [["call_back"]] * 4


def test_many_customers_at_once_each_with_their_own_error(alone: App) -> None:
    body = {"profiles": ["customer_id:ana", {"mail": "x"}, None], "placement": "web.home"}
    told = alone.call("POST", "/v1/decisions", json=body).json()
    assert [list(each) for each in told["answers"]][1] == ["error"]
    assert told["answers"][1]["error"]["field"] == "profiles[1].mail"
    assert names(told["answers"][2]) == ["new_arrivals"]


def test_a_question_that_is_none_is_told_what_to_write(alone: App) -> None:
    good = {"profile": None, "placement": "web.home"}
    for odd, status, said in (
        ([], 422, "An object is wanted"),
        ({"placement": "web.home"}, 422, "say who it is about"),
        ({**good, "placement": "web.hom"}, 422, "Did you mean 'web.home'?"),
        ({**good, "placments": []}, 422, "Did you mean 'placements'?"),
        ({**good, "placements": ["web.home"]}, 422, "placement"),
        ({"profile": None, "placements": ["web.home"] * 21}, 413, "20 are the most"),
        ({**good, "profile": {}}, 422, "null for a stranger"),
        ({**good, "profile": "ana"}, 422, "names nobody"),
        ({**good, "profile": {"email": "ana"}}, 422, "no e-mail address"),
        ({**good, "limit": -1}, 422, "limit"),
        ({**good, "limit": True}, 422, "limit"),
        ({**good, "explain": "yes"}, 422, "explain"),
        ({**good, "context": []}, 422, "context"),
        ({**good, "context": {"a": {"b": 1}}}, 422, "context.a"),
        ({**good, "context": {str(n): 1 for n in range(51)}}, 422, "50 are the most"),
        ({**good, "request_id": ""}, 422, "request_id"),
        ({**good, "request_id": "x" * 201}, 422, "request_id"),
        ({**good, "budget_ms": 0}, 422, "budget_ms"),
        ({"profiles": [None] * 101, "placement": "web.home"}, 413, "100 are the most"),
        ({"profiles": [None], "placement": "web.home", "request_id": "r"}, 422, "request_id"),
    ):
        found = alone.call("POST", "/v1/decisions", content=json.dumps(odd))
        assert (found.status_code, said in found.json()["detail"]) == (status, True), (odd, found.text)
        assert found.headers["content-type"] == "application/problem+json"
    assert alone.call("POST", "/v1/decisions", json=good, headers={}).status_code == 401


def test_an_answer_knows_of_an_open_case_and_of_an_outcome_before_they_are_processed(app: App) -> None:
    app.happens("tier_changed", tier="gold")
    assert names(app.ask("app.home", limit=1)) == ["early_access"]
    app.happens("action_outcome", work=False, action="early_access", outcome="declined", placement="app.home")
    app.happens("action_outcome", work=False, action="spring_sale", outcome="shown", placement="app.home")
    assert names(app.ask("app.home", limit=1)) == ["spring_sale"]  # it was shown, and stays the answer
    app.happens("case_opened", work=False, case_id="c1")
    assert [names(app.ask(place)) for place in ("web.home", "app.home", "store.till")] == [["call_back"], [], []]
    app.happens("case_closed", NOW + 1, case_id="c1")  # with it all of them are processed
    assert names(app.ask("web.home")) == []


@pytest.mark.parametrize("answer", ["accepted", "declined", "not_relevant"])
def test_an_answer_counts_at_once_also_from_a_till_whose_clock_is_ahead(alone: App, answer: str) -> None:
    alone.happens("tier_changed", tier="gold")
    for outcome, kept in (("shown", True), (answer, False)):
        alone.happens("action_outcome", NOW + 90_000, work=False, action="early_access", outcome=outcome)
        told = alone.ask("app.home")["decisions"][0]["actions"]
        assert {each["action"]: each["kept"] for each in told}["early_access"] is kept


def test_an_outcome_is_told_by_its_decision_once_and_counts_at_once(app: App) -> None:
    app.happens("tier_changed", tier="gold")
    told = app.ask("app.home", limit=1)["decisions"][0]

    def tell(outcome: str, **more: Any) -> tuple[int, str]:
        body = {"action": told["actions"][0]["action"], "outcome": outcome, **more}
        found = app.call("POST", f"/v1/decisions/{told['decision_id']}/outcomes", json=body)
        return found.status_code, found.json().get("field") or found.json()["status"]

    assert [tell("shown"), tell("shown"), tell("declined")] == [
        (202, "accepted"),
        (202, "duplicate"),
        (202, "accepted"),
    ]
    app.happens("identified")  # all is processed
    held = app.call("GET", "/v1/profiles/ana/export").json()
    (shown, _) = [each["properties"] for each in held["events"] if each["event"] == "action_outcome"]
    assert (shown["placement"], shown["decision"]) == ("app.home", told["decision_id"])
    assert tell("bought") == (422, "outcome")
    assert tell("shown", action="erly_access") == (422, "action")
    assert app.call("POST", f"/v1/decisions/d{'0' * 40}/outcomes", json={}).status_code == 422
    odd = {"action": "early_access", "outcome": "shown"}
    assert app.call("POST", "/v1/decisions/d0/outcomes", json=odd).status_code == 404


def test_an_outcome_of_what_was_not_shown_or_of_somebody_else_is_refused(alone: App) -> None:
    alone.happens("tier_changed", tier="gold")
    alone.happens("tier_changed", who={"customer_id": "bob"}, tier="silver")
    one, other = (alone.ask(profile=who)["decisions"][0] for who in ("customer_id:ana", "customer_id:bob"))
    shown, bob = one["actions"][0]["action"], profile_id("customer_id", "bob")
    assert other["actions"][0]["action"] != shown

    def tell(decision: Any, **more: Any) -> tuple[int, str]:
        body = {"action": shown, "outcome": "shown", **more}
        found = alone.call("POST", f"/v1/decisions/{decision['decision_id']}/outcomes", json=body)
        return found.status_code, found.json().get("field", "")

    assert tell(other) == (422, "action")
    assert [tell(one, profile=who) for who in ("customer_id:bob", bob)] == [(422, "profile")] * 2
    assert [tell(one, profile=who)[0] for who in (ANA, "customer_id:ana", {"email": "a@new.example"}, None)] == [
        202
    ] * 4
    nobody = alone.ask(profile=None)["decisions"][0]
    assert tell(nobody, action=nobody["actions"][0]["action"], profile="customer_id:bob") == (202, "")


def test_what_was_answered_to_a_stranger_is_told_with_their_name(alone: App) -> None:
    decision = alone.ask(profile="customer_id:zoe")["decisions"][0]["decision_id"]
    body = {"action": "new_arrivals", "outcome": "shown"}
    path = f"/v1/decisions/{decision}/outcomes"
    assert alone.call("POST", path, json=body).json()["field"] == "profile"
    assert alone.call("POST", path, json={**body, "profile": "customer_id:zoe"}).status_code == 202
    assert alone.ask(profile="customer_id:zoe")["decisions"][0]["actions"][0]["kept"] is True


def test_everything_of_an_answer_is_handed_out_and_erased(app: App) -> None:
    app.happens("tier_changed", tier="gold")
    app.ask("web.home", request_id="r1")
    held = app.call("GET", "/v1/profiles/customer_id:ana/export").json()
    assert held["decisions"][0]["shown"] == ["early_access"]
    assert held["words"][0]["card"]["title"] == "early access"
    assert held["answers"][0]["profile"] == ANA

    late = app.asker.behind
    app.call("POST", "/v1/decisions", json={"profile": ANA, "placement": "app.home", "request_id": "r2"})
    assert app.call("DELETE", "/v1/profiles/customer_id:ana").status_code == 200
    late.flush()  # what was still to be written of somebody who is gone
    left = [name for name in app.engine.store.redis.scan_iter() if ANA.encode() in app.engine.store.redis.dump(name)]
    assert left == []
    assert list(app.engine.store.redis.scan_iter(match="*request*")) == []
    assert list(app.engine.store.redis.scan_iter(match=f"*{ANA}*")) == []


def test_whoever_comes_by_the_name_of_somebody_who_was_erased_is_somebody_new(alone: App) -> None:
    alone.happens("identified", who={"email": "zoe@x.org"})
    alone.happens("identified", who={"customer_id": "zoe", "email": "zoe@x.org"})
    erased, new = alone.ask(profile="customer_id:zoe")["profile"], profile_id("customer_id", "zoe")
    assert erased != new  # by the address they came with first
    assert alone.call("DELETE", f"/v1/profiles/{erased}").status_code == 200

    told = alone.ask(profile="customer_id:zoe")

    found = parts_of_decision(told["decisions"][0]["decision_id"], compiled().plan.placements)
    assert (told["profile"], found[0]) == (None, new)


def test_what_was_shown_keeps_its_price_and_words_everywhere_until_it_is_answered_or_a_day_has_passed(
    alone: App,
) -> None:
    alone.release(priced("10 EUR"))
    alone.happens("tier_changed", tier="gold")

    def said(placement: str) -> dict[str, str]:
        found: dict[str, str] = alone.ask(placement)["decisions"][0]["actions"][0]["content"]
        return found

    assert said("app.home")["price"] == "10 EUR"
    alone.release(priced("12 EUR"))
    assert said("app.home")["price"] == "12 EUR"  # it was told, and not shown
    alone.happens("action_outcome", action="early_access", outcome="shown", placement="app.home")
    alone.release(priced("15 EUR"))
    assert [said(place)["price"] for place in ("web.home", "app.home", "store.till")] == ["12 EUR"] * 3
    assert said("store.till")["associate"] == "It costs 12 EUR"
    alone.later(25 * HOUR)
    assert said("web.home")["price"] == "15 EUR"
    alone.happens("action_outcome", NOW + 25 * HOUR, action="early_access", outcome="shown", placement="app.home")
    alone.release(priced("20 EUR"))
    assert said("web.home")["price"] == "15 EUR"
    alone.happens("action_outcome", NOW + 25 * HOUR, action="early_access", outcome="accepted", placement="app.home")
    assert said("web.home")["price"] == "20 EUR"


def test_the_page_tells_what_is_told(alone: App) -> None:
    written = {block.info: json.loads(block.text) for block in blocks(ROOT / "docs/next_best_action.md") if block.info}
    alone.happens("tier_changed", tier="gold")
    asked, told = written["asked"], written["told"]
    found = alone.ask(**asked)

    (decision,), (shown,) = found["decisions"], told["decisions"]
    assert decision.pop("decision_id").startswith(shown.pop("decision_id").rstrip("."))
    assert [found.pop("plan") != "", told.pop("plan")] == [True, "..."]
    decision["actions"][0]["score"] = round(decision["actions"][0]["score"], 9)
    assert found == told


BROKEN = """{% extends layout %}
{% block headline %}{{ customer.no_such }}{% endblock %}
{% block summary %}x{% endblock %}"""


def test_an_action_without_words_makes_room_for_the_next_and_every_action_is_accounted_for(alone: App) -> None:
    alone.release(priced("", BROKEN))
    alone.happens("tier_changed", tier="gold")
    places = list(compiled().plan.placements)

    asked: list[dict[str, Any]] = [{}, {"limit": 0}, {"context": {"intent": "browse"}}, {"profile": None}]
    for more in asked:
        for found in alone.ask(places, explain=True, **more)["decisions"]:
            shown = [each["action"] for each in found["actions"]]
            left = [each["action"] for each in found["removed"]]
            assert sorted(shown + left) == sorted(compiled().plan.actions), found["placement"]
            assert all(each["observed"] and each["stage"] for each in found["removed"])
            assert "early_access" not in shown
    question = Question(tuple(places), explain=True, mark="m")
    for found in json.loads(alone.asker.safe(question, "store_away"))["decisions"]:
        told = [each["action"] for each in (*found["actions"], *found["removed"])]
        assert sorted(told) == sorted(compiled().plan.actions)
    (why,) = [each for each in alone.ask(explain=True)["decisions"][0]["removed"] if each["action"] == "early_access"]
    assert (why["stage"], why["rule"]) == ("rendering", "render_failed")
    assert "no_such" in why["observed"]


def test_what_placements_do_not_declare_of_a_context_is_refused_with_the_nearest_word() -> None:
    plan = compiled().plan
    home = replace(plan.placements["web.home"], context={"intent": Type("text")})
    declared = replace(plan, placements={**plan.placements, "web.home": home})
    body = {"profile": None, "placement": "web.home", "context": {"intnt": "browse"}}

    with pytest.raises(Refused, match=r"context\.intnt: is not declared .*Did you mean 'intent'"):
        read_questions(declared, body, 0.1)
    for fine in ({"intent": "browse", "basket_id": "b1"}, {}):
        assert read_questions(declared, {**body, "context": fine}, 0.1)
    assert read_questions(plan, body, 0.1)  # nothing is declared: anything may be said
