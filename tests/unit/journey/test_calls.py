"""`call`: a service is asked, the journey stands still, and goes on by the answer or without one."""

from __future__ import annotations

from engine.model.message import SendOutcome
from tests.story import Story

POLICIES = """
policies:
  timezone: Europe/Paris
  purposes: {marketing: {}, service: {transactional: true}}
  calls: {stock: "https://stock.fernhill.example/left"}
"""
JOURNEY = """
journey: ask
purpose: service
start: {event: basket_updated, key: event.basket_id}
stop_if: basket_emptied
steps:
  - call: stock
    with: {basket: start.basket_id, shop: lyon}
    answer: {left: integer}
    up_to: 5m
    then:
      - if: event.left > 0
        then: [{send: m1, via: email}]
        otherwise: [{send: m2, via: email}]
    on_timeout:
      - send: m3
        via: email
"""


def _story(outcome: SendOutcome) -> Story:
    story = Story(JOURNEY, policies=POLICIES, outcomes={("stock", "call"): outcome})
    story.join("2026-03-02T09:00:00Z")
    story.event("2026-03-02T10:00:00Z", "basket_updated", basket_id="b1", total=45)
    return story


def test_the_answer_is_data_for_what_follows() -> None:
    story = _story(SendOutcome("accepted", answer={"left": 3, "other": "not declared"}))
    assert story.sent == ["m1 by email 2026-03-02T10:00:00Z"]
    called = story.outgoing[0]
    assert called.address == "https://stock.fernhill.example/left"
    assert '"data": {"basket": "b1", "shop": "lyon"}' in called.rendered.parts["body"]
    assert [record.extra for record in story.records if record.kind == "called"] == [{"answer": {"left": 3}}]


def test_an_answer_that_lacks_what_was_asked_makes_comparisons_false() -> None:
    assert _story(SendOutcome("accepted", answer={})).sent == ["m2 by email 2026-03-02T10:00:00Z"]


def test_no_answer_is_tried_again_under_one_key_until_the_time_is_over() -> None:
    story = _story(SendOutcome("retry", "HTTP 503"))
    story.until("2026-03-02T10:10:00Z")
    assert story.sent == ["m3 by email 2026-03-02T10:05:00Z"]
    calls = [outgoing for outgoing in story.outgoing if outgoing.channel == "call"]
    assert [outgoing.at // 1000 % 3600 for outgoing in calls] == [0, 1, 5, 21, 85, 149, 213, 277]
    assert len({outgoing.attempt_id for outgoing in calls}) == 1
    assert story.reasons("called") == ["timeout: no answer within 5m"]


def test_a_refusal_goes_the_other_way_at_once() -> None:
    story = _story(SendOutcome("refused", "HTTP 400"))
    assert story.sent == ["m3 by email 2026-03-02T10:00:00Z"]
    assert story.reasons("called") == ["refused: HTTP 400"]


def test_an_exit_ends_the_waiting_and_nothing_is_asked_any_more() -> None:
    story = _story(SendOutcome("retry", "HTTP 503"))
    story.event("2026-03-02T10:00:03Z", "basket_emptied", basket_id="b1")
    story.end()
    assert story.sent == []
    assert len(story.outgoing) == 2
    assert story.kinds("ended") == ["ask 2026-03-02T10:00:03Z"]


def test_in_virtual_time_nobody_answers_unless_a_test_says_so() -> None:
    story = Story(JOURNEY, policies=POLICIES)
    story.join("2026-03-02T09:00:00Z")
    story.event("2026-03-02T10:00:00Z", "basket_updated", basket_id="b1", total=45)
    story.until("2026-03-02T11:00:00Z")
    assert story.sent == ["m3 by email 2026-03-02T10:05:00Z"]
