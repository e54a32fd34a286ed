"""What the author may choose: purposes, quiet hours, caps, holdouts, the time to live."""

from __future__ import annotations

import pytest

from engine.model.message import SendOutcome
from engine.model.profile import Profile
from engine.model.span import DAY
from engine.policy.bucket import held_out
from engine.policy.wallclock import iso
from tests.story import QUIET, Story, ms

SEND = """
journey: j
start: {event: booked, key: event.booking_id}
steps:
  - send: m1
    via: [email, sms]%s
  - send: m2
    via: store
"""
# An associate's prompt needs no agreed channel and keeps no quiet hours: m2 shows that the journey went on.
ALSO = "{policies}  caps: [{{limit: 1 per 24h, channels: [email]{on_cap}}}]\n"
NIGHT = "2026-06-01T20:00:00Z"
NOON = "2026-06-01T10:00:00Z"


def booked(
    at: str, *journeys: str, agrees: tuple[str, ...] = ("email", "sms"), days: float = 3, **options: object
) -> Story:
    """Ana books at `at`, and three days pass (or `days`)."""
    story = Story(*journeys, **options)
    story.join("2026-05-01T08:00:00Z", agrees=agrees, home_store="lyon")
    story.event(at, "booked", booking_id="k1")
    story.until(iso(ms(at) + int(days * DAY)))
    return story


@pytest.mark.parametrize(
    ("word", "sent", "refused", "ended"),
    [
        ("", ["m1 by email 2026-06-02T06:00:00Z", "m2 by store 2026-06-02T06:00:00Z"], [], "completed"),
        ("hold", ["m1 by email 2026-06-02T06:00:00Z", "m2 by store 2026-06-02T06:00:00Z"], [], "completed"),
        ("skip", ["m2 by store 2026-06-01T20:00:00Z"], ["quiet_hours"], "completed"),
        ("stop", [], ["quiet_hours"], "quiet_hours"),
        # SMS keeps the same quiet hours, so no channel is left
        ("next_channel", ["m2 by store 2026-06-01T20:00:00Z"], ["no_channel"], "completed"),
    ],
)
@pytest.mark.parametrize("where", ["step", "policy"])
def test_on_quiet(word: str, sent: list[str], refused: list[str], ended: str, where: str) -> None:
    at_step = f"\n    on_quiet: {word}" if word and where == "step" else ""
    policies = QUIET.replace("sms]}", f"sms], on_quiet: {word}}}") if word and where == "policy" else QUIET
    story = booked(NIGHT, SEND % at_step, policies=policies)
    assert story.sent == sent
    assert [reason.partition(":")[0] for reason in story.reasons("refused")] == refused
    assert [reason.partition(":")[0] for reason in story.reasons("ended")] == [ended]


def test_on_quiet_next_channel_takes_one_that_is_not_quiet() -> None:
    policies = QUIET.replace("[email, push, sms]", "[email]")
    story = booked(NIGHT, SEND % "\n    on_quiet: next_channel", policies=policies)
    assert story.sent[0] == "m1 by sms 2026-06-01T20:00:00Z"


@pytest.mark.parametrize(
    ("word", "second", "ended"),
    [
        ("", ["m2"], "completed"),
        ("skip", ["m2"], "completed"),
        ("stop", [], "cap"),
        ("next_channel", ["m1 by sms", "m2"], "completed"),
    ],
)
@pytest.mark.parametrize("where", ["step", "policy"])
def test_on_cap(word: str, second: list[str], ended: str, where: str) -> None:
    at_step = f"\n    on_cap: {word}" if word and where == "step" else ""
    policies = ALSO.format(policies=QUIET, on_cap=f", on_cap: {word}" if word and where == "policy" else "")
    story = booked(NOON, SEND % at_step, policies=policies, days=0)
    story.event("2026-06-02T09:59:59Z", "booked", booking_id="k2")
    sent = [text.removesuffix(" 2026-06-02T09:59:59Z").replace("m2 by store", "m2") for text in story.sent]
    assert sent[2:] == second
    assert story.reasons("ended")[1].partition(":")[0] == ended
    # (now - 24h, now]: a day later to the second there is room again
    story.event("2026-06-02T10:00:00Z", "booked", booking_id="k3")
    assert "m1 by email 2026-06-02T10:00:00Z" in story.sent


def test_a_transactional_purpose_of_one_step_needs_no_consent_and_keeps_no_quiet_hours_or_caps() -> None:
    policies = ALSO.format(policies=QUIET, on_cap="")
    story = booked(NIGHT, SEND % "\n    purpose: service", policies=policies, agrees=(), days=0)
    story.event(NIGHT, "booked", booking_id="k2")
    assert [text for text in story.sent if "m1" in text] == [f"m1 by email {NIGHT}"] * 2


def test_a_marketing_step_in_a_service_journey_needs_consent() -> None:
    journey = SEND.replace("start:", "purpose: service\nstart:") % "\n    purpose: marketing"
    story = booked(NOON, journey, agrees=())
    assert story.reasons("refused")[0].startswith("no_channel: email consent: email for marketing is unknown")


def test_exempt_messages_count_in_the_caps_of_others() -> None:
    policies = ALSO.format(policies=QUIET, on_cap="")
    service = SEND.replace("journey: j", "journey: s\npurpose: service").replace("booked", "order_placed")
    service = service.replace("event.booking_id", "event.order_id") % ""
    story = Story(SEND % "", service, policies=policies)
    story.join("2026-05-01T08:00:00Z", agrees=("email",), home_store="lyon")
    story.event(NOON, "order_placed", order_id="o1")
    story.event(NOON, "booked", booking_id="k1")
    assert story.reasons("refused") == ["cap: 1 of 1 per 24h"]


def test_respect_quiet_holds_even_a_transactional_message() -> None:
    story = booked(NIGHT, SEND % "\n    purpose: service\n    respect_quiet: true", agrees=())
    assert story.sent[0] == "m1 by email 2026-06-02T06:00:00Z"


@pytest.mark.parametrize(
    ("live", "sent", "told"),
    [
        # held until 06:00Z, which is the last instant it may leave
        ("10h", ["m1 by email 2026-06-02T06:00:00Z"], []),
        # it ends as soon as it is known that it will be too late
        (
            "9h",
            [],
            [
                "time_to_live: held by quiet_hours until 2026-06-02T06:00:00Z, after its time to live "
                "2026-06-01T20:00:00Z"
            ],
        ),
    ],
)
def test_an_explicit_time_to_live_ends_a_hold_that_would_be_too_long(
    live: str, sent: list[str], told: list[str]
) -> None:
    story = booked(NIGHT, SEND % f"\n    time_to_live: {live}")
    assert [text for text in story.sent if "m1" in text] == sent
    when = [text.rpartition(" ")[2] for text in story.kinds("expired")]
    assert [f"{why} {at}" for why, at in zip(story.reasons("expired"), when, strict=True)] == told


@pytest.mark.parametrize(
    ("ttl", "sent"),
    [
        # Saturday evening, quiet until Monday: 34 h, of which the Sunday's 24 do not count
        ("", True),
        ("time_to_live: 11h", True),
        # from 22:00 on Saturday to 08:00 on Monday are 10 h without the Sunday
        ("time_to_live: 9h", False),
    ],
)
def test_quiet_days_do_not_count_in_the_default_time_to_live(ttl: str, sent: bool) -> None:
    policies = QUIET.replace("sms]}", "sms], also: [sundays]}") + (f"  {ttl}\n" if ttl else "")
    story = booked("2026-06-06T20:00:00Z", SEND % "", policies=policies)
    assert (story.sent[:1] == ["m1 by email 2026-06-08T06:00:00Z"]) is sent
    assert bool(story.kinds("expired")) is not sent


def test_a_policy_that_is_quiet_on_all_days_lets_nothing_out_and_says_so() -> None:
    days = "mondays, tuesdays, wednesdays, thursdays, fridays, saturdays, sundays"
    story = booked(NOON, SEND % "", policies=QUIET.replace("sms]}", f"sms], also: [{days}]}}"))
    assert [text for text in story.sent if "m1" in text] == []
    assert story.reasons("ended") == ["completed"]


@pytest.mark.parametrize("rule", ["holdout", "global_holdout"])
def test_a_held_out_customer_walks_silently_and_every_exposure_is_kept(rule: str) -> None:
    journey = SEND.replace("start:", "holdout: 100%%\nstart:") if rule == "holdout" else SEND
    policies = QUIET + ("  global_holdout: 100%\n" if rule == "global_holdout" else "")
    story = booked(NOON, journey % "", policies=policies)
    assert story.outgoing == []
    assert story.kinds("held_out") == [f"m1 {NOON}", f"m2 {NOON}"]
    assert story.reasons("held_out") == [f"{rule}: j: assigned at its start"] * 2
    assert story.reasons("ended") == ["completed"]


def test_transactional_messages_are_exempt_from_holdouts() -> None:
    story = booked(NOON, SEND.replace("start:", "holdout: 100%%\nstart:") % "\n    purpose: service")
    assert [text.partition(" ")[0] for text in story.sent] == ["m1"]


def drawn(name: str, journey: str, holdout: float, global_holdout: float = 0.0) -> str:
    return held_out(Profile(id=name, label=name), journey, holdout, global_holdout, 0)


def test_holdouts_are_shares_of_customers_and_sticky() -> None:
    people = [f"c{number}" for number in range(2_000)]
    half = {name for name in people if drawn(name, "j", 0.5)}
    assert 900 < len(half) < 1_100
    assert half == {name for name in people if drawn(name, "j", 0.5)}
    assert half != {name for name in people if drawn(name, "k", 0.5)}  # journeys have salts of their own
    assert half < {name for name in people if drawn(name, "j", 0.6)}  # more held out: nobody comes back
    assert not any(drawn(name, "j", 0.0) for name in people)
    assert all(drawn(name, "j", 0.5, 1.0) == "global_holdout" for name in people)


def test_a_larger_holdout_concerns_newcomers_and_one_that_is_given_up_nobody() -> None:
    ana = Profile(id="cana", label="customer_id:ana")
    assert held_out(ana, "j", 1e-9, 0.0, 7) == ""
    assert held_out(ana, "j", 1.0, 0.0, 8) == ""
    eve = Profile(id="ceve", label="customer_id:eve")
    assert held_out(eve, "j", 1.0, 0.0, 8) == "holdout"
    assert held_out(eve, "j", 0.0, 0.0, 9) == ""


def test_a_template_that_renders_for_no_channel_refuses_the_message_and_the_journey_goes_on() -> None:
    shows = (
        "{% extends layout %}{% block headline %}Hi {{ customer.tier }}{% endblock %}{% block summary %}W{% endblock %}"
    )
    story = booked(
        NOON, SEND % "", m1=shows + "{% block body %}W{% endblock %}{% block sms %}{{ customer.tier }}{% endblock %}"
    )
    assert [text.partition(" ")[0] for text in story.sent] == ["m2"]
    assert len(story.reasons("retried")) == 2
    assert story.reasons("refused")[0].startswith("no_channel: email render_failed: ")


def test_templates_and_conditions_see_the_newest_state_of_an_object() -> None:
    journey = """
journey: j
start: {event: basket_updated, key: event.basket_id}
steps:
  - wait: 1h
  - if: basket.total > 50
    then: [{send: m1, via: email}]
"""
    shows = (
        "{% extends layout %}{% block headline %}{{ basket.total }}{% endblock %}{% block summary %}{{ start.total }}"
    )
    story = Story(journey, m1=shows + "{% endblock %}{% block body %}W{% endblock %}")
    story.join("2026-05-01T08:00:00Z")
    story.event(NOON, "basket_updated", basket_id="b1", total=40)
    story.event("2026-06-01T10:30:00Z", "basket_updated", basket_id="b1", total=70)
    story.event("2026-06-01T10:40:00Z", "basket_updated", basket_id="b2", total=10)
    story.end()
    (outgoing,) = story.outgoing
    assert "70" in outgoing.rendered.parts["subject"]
    assert "40" in outgoing.rendered.parts["text"]


def test_first_reachable_channel_is_chosen_when_the_message_leaves() -> None:
    story = Story(SEND % "", outcomes={("m1", "email"): SendOutcome("accepted")})
    story.join("2026-05-01T08:00:00Z", agrees=("email",), home_store="lyon")
    story.event(NIGHT, "booked", booking_id="k1")
    story.event("2026-06-01T23:00:00Z", "bounced", channel="email", kind="hard", address="ana@example.com")
    story.event("2026-06-01T23:00:00Z", "consent_changed", channel="sms", state="granted")
    story.end()
    assert story.sent[0] == "m1 by sms 2026-06-02T06:00:00Z"
