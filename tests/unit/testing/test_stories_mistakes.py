"""Mistakes in a story: each answered at its place, with what was meant."""

from __future__ import annotations

import pytest

from tests.unit.testing.stories import BASKET, HEAD, problems

EXPECT = "    - {at: 2h, expect: {sent: []}}\n"
# what is written instead of a good line -> what is underlined, and what is said
STEPS = [
    (
        "{at: 1h, event: basket_update}",
        "basket_update",
        "no event 'basket_update' in the vocabulary. Did you mean 'basket_updated'?",
    ),
    (
        "{at: 1h, event: booked, booking: k1}",
        "booking",
        "'booking' is no property of 'booked' and no word of a story. Did",
    ),
    ("{at: 1h, event: booked, properties: {boking_id: k}}", "boking_id", "Did you mean 'booking_id'?"),
    ("{at: 1h, event: basket_updated, total: much}", "much", "number is wanted, 'much' was found."),
    ("{at: 1h, event: booked, channel: wep}", "wep", "no channel 'wep'. Did you mean 'web'?"),
    ("{at: 1h, evnt: booked}", "evnt", "'evnt' is not known here. Did you mean 'event'?"),
    ("{at: 1x, event: booked}", "1x", "'x' in '1x' is no unit of time"),
    ("{at: , event: booked}", "at", "nothing stands here. Write 'at: 0m'."),
    ("{event: booked}", "{event: booked}", "this line does not say when. Begin it with 'at: 0m'."),
    ("{at: 1h}", "{at: 1h}", "nothing happens on this line."),
    ("{at: 1h, expect: {snt: []}}", "snt", "nothing can be expected of 'snt'. Did you mean 'sent'?"),
    ("{at: 1h, expect: {}}", "{}", "an expectation names what should have happened."),
    ("{at: 1h, expect: {sent: {a: 1}}}", "{a: 1}", "a list is wanted."),
    (
        "{at: 1h, expect: {sent: [basket_remindr]}}",
        "basket_remindr",
        "there is no message 'basket_remindr'. Did you mean 'basket_reminder'?",
    ),
    (
        "{at: 1h, expect: {sent: [notice by pusch]}}",
        "pusch",
        "no channel that messages leave by 'pusch'. Did you mean 'push'?",
    ),
    (
        "{at: 1h, expect: {held: [notice because quiet]}}",
        "quiet",
        "there is no rule 'quiet'. Did you mean 'quiet_hours'?",
    ),
    ("{at: 1h, expect: {sent: [notice at 25:00]}}", "notice at 25:00", "'25:00' is no time of day"),
    (
        "{at: 1h, expect: {sent: [notice at 20:00 Europe/Pari]}}",
        "notice at 20:00 Europe/Pari",
        "is no time zone. Did you mean 'Europe/Paris'?",
    ),
    ("{at: 1h, expect: {sent: [notice by push by sms]}}", "notice by push by sms", "'by' stands twice"),
    ("{at: 1h, expect: {sent: [a b]}}", "a b", "is no phrase: write NAME [by CHANNEL]"),
    ("{at: 1h, expect: {started: [letter]}}", "letter", "there is no journey under test 'letter'."),
    ("{at: 1h, expect: {entered: [vip]}}", "vip", "there is no segment 'vip'."),
    ("{at: 1h, expect: {actions: []}}", "actions", "nobody asks on this line. Add 'ask: PLACEMENT'."),
    (
        "{at: 1h, ask: store.til, expect: {actions: []}}",
        "store.til",
        "no placement 'store.til'. Did you mean 'store.till'?",
    ),
    (
        "{at: 1h, expect: {customer: {teer: gold}}}",
        "teer",
        "no attribute 'teer' in the vocabulary. Did you mean 'tier'?",
    ),
    ("{at: 1h, start: reminder}", "reminder", "'reminder' cannot be started by request."),
    ("{at: 1h, start: remindr}", "remindr", "'remindr' is not tested here. Did you mean 'reminder'?"),
    (
        "{at: 1h, outcomes: {push: refuse}}",
        "refuse",
        "'refuse' is nothing that a provider says. Did you mean 'refused'?",
    ),
    ("{at: 1h, outcomes: {pussh: refused}}", "pussh", "no message leaves by 'pussh'. Did you mean 'push'?"),
    ("{at: 1h, event: opened, message: notise}", "notise", "there is no message 'notise'. Did you mean 'notice'?"),
    ("{at: 1h, event: booked, customer: bo}", "bo", "no customer 'bo' in 'customers:'."),
    ("{holdout: in}", "holdout", "'holdout' does not belong here. Put it on the case's first line, alone."),
    ("{clok: 2026-03-02 14:00}", "clok", "'clok' is not known here. Did you mean 'clock'?"),
    ("{at: 0s, event: booked, received: 2026-03-02 13:00}", "2026-03-02 13:00", "earlier than the line before it"),
]


@pytest.mark.parametrize(("line", "under", "said"), STEPS, ids=[line for line, _, _ in STEPS])
def test_a_mistake_on_a_line(line: str, under: str, said: str) -> None:
    (found,) = problems(f"{HEAD}{BASKET}    - {line}\n{EXPECT}")

    begin = found.place.column - 1
    assert (found.place.line, found.source[begin : begin + found.width]) == (7, under)
    assert said in f"{found.message} {found.hint}"


HEADS = [
    ("abandoned_basket,", "abandoned_baskt,", "no journey, segment or placement 'abandoned_baskt'. Did you"),
    ("clock: 2026-03-02 14:00 Europe/Paris\n", "", "the case 'one' has no clock."),
    ("14:00 Europe/Paris", "14:00 Europe/Pari", "'Europe/Pari' is no time zone. Did you mean 'Europe/Paris'?"),
    ("14:00 Europe/Paris", "25:00 Europe/Paris", "is no moment of the calendar."),
    ("2026-03-02 14:00 Europe/Paris", "today", "'today' is no moment. Write '2026-03-02 14:00 Europe/Paris'"),
    ("push_token: t1", "push_tokn: t1", "no attribute 'push_tokn' in the vocabulary. Did you mean 'push_token'?"),
    (
        "consent: {marketing:",
        "consent: {marketting:",
        "no purpose 'marketting' in the policies. Did you mean 'marketing'?",
    ),
    ("[push, email]}", "[push, mail]}", "no message leaves by 'mail'. Did you mean 'email'?"),
    ("cases:", "outcomes: {push: 7}\ncases:", "'7' is nothing that a provider says."),
    (
        "cases:",
        "arms: {saver_tst: voucher}\ncases:",
        "no split 'saver_tst' in what is tested. Did you mean 'saver_test'?",
    ),
    (
        "cases:",
        "arms: {saver_test: vouchr}\ncases:",
        "the split 'saver_test' has no arm 'vouchr'. Did you mean 'voucher'?",
    ),
    ("cases:", "holdout: inn\ncases:", "'inn' is not one of: in, out. Did you mean 'in'?"),
    ("cases:", "custommer: {}\ncases:", "'custommer' is not known here. Did you mean 'customer'?"),
]


@pytest.mark.parametrize(("good", "bad", "said"), HEADS, ids=[bad or "no clock" for _, bad, _ in HEADS])
def test_a_mistake_in_the_head(good: str, bad: str, said: str) -> None:
    found = problems((HEAD + BASKET + EXPECT).replace(good, bad, 1))

    assert [said in f"{problem.message} {problem.hint}" for problem in found] == [True], [str(each) for each in found]


def test_a_case_that_expects_nothing_is_a_mistake() -> None:
    (found,) = problems(HEAD + BASKET)

    assert (found.place.line, found.message) == (5, "the case 'one' expects nothing.")


def test_a_holdout_that_nothing_has_is_a_mistake() -> None:
    head = HEAD.replace("abandoned_basket, ", "").replace("cases:", "holdout: in\ncases:")

    (found,) = problems(head + EXPECT)

    assert found.message == "nothing under test has a holdout."


@pytest.mark.parametrize("text", ["tests: [a", "tests:\n", "tests: []\ncases: []\n", "tests: 7\ncases: {a: 7}\n", ""])
def test_what_is_no_story_is_said_and_never_raised(text: str) -> None:
    assert problems(text)


def test_the_same_mistake_in_the_head_is_said_once_for_all_cases() -> None:
    story = HEAD.replace("tier", "x").replace("push_token: t1", "push_tokn: t1") + EXPECT + "  two:\n" + EXPECT

    assert len(problems(story)) == 1


def test_a_line_that_is_no_step_does_not_hide_the_other_mistakes() -> None:
    found = problems(f"{HEAD}{BASKET}    -\n    - {{at: 1h, evnt: x}}\n{EXPECT}")

    assert [problem.place.line for problem in found] == [7, 8]
