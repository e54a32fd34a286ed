"""Messages to our own people: whom they reach, and what of the customer does not concern them."""

from __future__ import annotations

import pytest

from engine.define.workspace import compile_sources
from engine.model.message import SendOutcome
from tests.story import QUIET, VOCABULARY, Story, workspace

POLICIES = QUIET + (
    "  caps: [{limit: 1 per 30d}]\n"
    "  suppress: [{when: customer.open_cases > 0, purpose: marketing}]\n"
    "  recipients:\n"
    "    care_team: care@fernhill.example\n"
    '    manager: {email: zoe@fernhill.example, sms: "+33612345679", locale: fr}\n'
)
STORES = """catalog:
  stores:
    fields: {name: text, mailbox: text}
    items: {lyon: {name: Lyon, mailbox: lyon@fernhill.example}, paris: {name: Paris}}
"""
WORDS = VOCABULARY.replace("{case_id: text}", "{case_id: text, store: text, associate: text}", 1)
CASE = "journey: care\npurpose: {purpose}\nstart: {{event: case_opened, key: event.case_id}}\nsteps: [{steps}]\n"


def story(steps: str, *others: str, purpose: str = "marketing", **options: object) -> Story:
    journey = CASE.format(steps=steps, purpose=purpose)
    made = Story(journey, *others, policies=POLICIES, vocabulary=WORDS, others=[STORES], **options)
    made.join("2026-03-02T09:00:00Z", agrees=())
    return made


def told(made: Story) -> list[str]:
    return [f"{each.message} by {each.channel} to {each.address}" for each in made.outgoing]


@pytest.mark.parametrize(
    ("to", "via", "told_to"),
    [
        ("care_team", "email", ["m1 by email to care@fernhill.example"]),
        ("manager", "[sms, email]", ["m1 by sms to +33612345679"]),
        ("start.associate", "email", ["m1 by email to max@fernhill.example"]),
        ("catalog.stores[start.store].mailbox", "email", ["m1 by email to lyon@fernhill.example"]),
    ],
)
def test_it_goes_to_whom_the_step_names(to: str, via: str, told_to: list[str]) -> None:
    made = story(f"{{send: m1, via: {via}, to: '{to}'}}")
    made.event("2026-03-02T10:00:00Z", "case_opened", case_id="c1", store="lyon", associate="max@fernhill.example")
    assert told(made) == told_to
    assert [record.extra for record in made.records if record.kind == "sent"] == [{"to": to}]
    assert [(each.to, each.purpose) for each in made.outgoing] == [(to, "internal")]


def test_what_protects_the_customer_says_nothing_about_them() -> None:
    # given at night, no consent, a full cap, an open case, and a customer whose address is dead
    made = story("{send: m1, via: email, to: care_team}, {send: m2, via: email, purpose: service}")
    made.event("2026-03-02T22:00:00Z", "bounced", channel="email", kind="hard", address="ana@example.com")
    made.event("2026-03-02T22:00:01Z", "case_opened", case_id="c1")
    made.event("2026-03-02T22:00:02Z", "case_opened", case_id="c2")
    assert told(made) == ["m1 by email to care@fernhill.example"] * 2
    assert [reason.partition(":")[0] for reason in made.reasons("refused")] == ["no_channel"] * 2


def test_it_does_not_count_in_the_customers_caps() -> None:
    other = "journey: news\nstart: {event: booked}\nsteps: [{send: m3, via: email}]\n"
    made = story("{send: m1, via: email, to: care_team}", other)
    made.event("2026-03-02T10:00:00Z", "consent_changed", channel="email", purpose="marketing", state="granted")
    made.event("2026-03-02T10:00:01Z", "case_opened", case_id="c1")
    made.event("2026-03-02T10:00:02Z", "case_closed", case_id="c1")
    made.event("2026-03-02T10:00:03Z", "booked")
    assert [each.message for each in made.outgoing] == ["m1", "m3"]


def test_a_holdout_of_customers_is_not_told_about_either() -> None:
    for purpose, messages in (("marketing", []), ("service", ["m1"])):
        journey = CASE.format(steps="{send: m1, via: email, to: care_team}", purpose=purpose) + "holdout: 100%\n"
        held = Story(journey, policies=POLICIES, vocabulary=WORDS, others=[STORES])
        held.join("2026-03-02T09:00:00Z")
        held.event("2026-03-02T10:00:00Z", "case_opened", case_id="c1")
        assert [each.message for each in held.outgoing] == messages


def test_nobody_there_is_said_and_the_journey_goes_on() -> None:
    made = story(
        "{send: m1, via: email, to: 'catalog.stores[start.store].mailbox'}, {send: m2, via: email, to: manager}"
    )
    made.event("2026-03-02T10:00:00Z", "case_opened", case_id="c1", store="paris")
    assert told(made) == ["m2 by email to zoe@fernhill.example"]
    (reason,) = made.reasons("refused")
    assert "'catalog.stores[start.store].mailbox' has no address for email" in reason


def test_their_dead_mailbox_is_not_the_customers() -> None:
    made = story(
        "{send: m1, via: email, to: care_team}, {send: m2, via: email, purpose: service}",
        outcomes={("m1", "email"): SendOutcome("bad_address", "550 no such user")},
    )
    made.event("2026-03-02T10:00:00Z", "case_opened", case_id="c1")
    assert told(made) == ["m1 by email to care@fernhill.example", "m2 by email to ana@example.com"]
    assert made.ana.dead == {}
    made.event("2026-03-02T11:00:00Z", "case_opened", case_id="c2")
    assert "declared dead" in made.reasons("refused")[-1]


def test_they_read_their_own_language_and_no_small_print_for_customers() -> None:
    made = story("{send: m1, via: email, to: manager}, {send: m2, via: email, purpose: service}")
    made.event("2026-03-02T10:00:00Z", "joined", locale="de")
    made.event("2026-03-02T10:00:00Z", "case_opened", case_id="c1")
    assert [each.rendered.locale for each in made.outgoing] == ["fr", "en"]


def test_a_wait_for_a_receipt_means_the_customers_message() -> None:
    made = story(
        "{send: m2, via: email, purpose: service}, {send: m1, via: email, to: care_team},"
        "{wait_for: opened, up_to: 1d, then: [{stop: seen}], on_timeout: [{stop: unseen}]}"
    )
    made.event("2026-03-02T10:00:00Z", "case_opened", case_id="c1")
    made.event("2026-03-02T11:00:00Z", "opened", channel="email", message=made.outgoing[1].attempt_id)
    assert made.reasons("ended") == []
    made.event("2026-03-02T12:00:00Z", "opened", channel="email", message=made.outgoing[0].attempt_id)
    assert made.reasons("ended") == ["stop: seen"]


SLIPS = {
    "to: care_taem, via: email": "no recipient 'care_taem' in the policies. Did you mean 'care_team'?",
    "to: care_team, via: sms": "'care_team' has no address for sms.",
    "to: manager, via: push": "none of your own people is reached by push. Write email or sms.",
    "to: max@fernhill.example, via: email": "then write 'to: care_team'.",
    "to: start.asociate, via: email": "start has no property 'asociate'. Did you mean 'associate'?",
    "to: customer.open_cases, via: email": "but text is wanted.",
    "to: 'catalog.store[start.store].mailbox', via: email": "no 'store'. Did you mean 'stores'?",
    "to: 'catalog.stores[start.stor].mailbox', via: email": "Did you mean 'store'?",
    "to: 'catalog.stores[start.store].mail', via: email": "no item of 'stores' has 'mail'.",
    "to: start.associate, via: [email, sms]": "is one address, for one channel.",
    "to: care_team, via: email, purpose: service": "'purpose' is for messages to customers",
    "to: care_team, via: email, try_next_after: 3h": "'try_next_after' is for messages to customers",
}
RECIPIENTS = {
    "care: no address": "'no address' is no address for email.",
    "boss: {sms: '12'}": "'12' is no address for sms.",
    "nobody: {}": "'nobody' has no address.",
    "Care Team: care@fernhill.example": "'Care Team' is no name.",
}


def test_a_slip_is_answered_with_what_was_meant() -> None:
    steps = "".join(f"\n  - {{send: m1, {step}}}" for step in SLIPS)
    journey = f"journey: care\npurpose: service\nstart: {{event: case_opened, key: event.case_id}}\nsteps:{steps}\n"
    found = compile_sources(workspace(journey, policies=POLICIES, vocabulary=WORDS, others=[STORES])).problems
    said = [f"{problem.message} {problem.hint}" for problem in found]
    assert [wanted for wanted, text in zip(SLIPS.values(), said, strict=True) if wanted not in text] == []


def test_a_recipient_that_cannot_be_reached_is_no_recipient_and_the_purpose_is_taken() -> None:
    written = "".join(f"\n    {each}" for each in RECIPIENTS)
    policies = QUIET.replace("marketing: {}", "marketing: {}\n    internal: {}") + f"  recipients:{written}\n"
    found = compile_sources(workspace(policies=policies)).problems
    said = [problem.message for problem in found if problem.code == "policy"]
    assert sorted(said) == sorted([*RECIPIENTS.values(), "'internal' is there already."])
