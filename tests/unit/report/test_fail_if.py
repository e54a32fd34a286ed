"""Conditions of CI on a what-if: what can be written, and what is said of what cannot."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.report.replay.compare import Compared, Difference
from engine.report.replay.fail_if import BadCondition, judge, read
from engine.report.replay.figures import Names
from engine.report.replay.line import Figure, Line

NAMES = Names(frozenset({"welcome", "orders"}), frozenset({"welcome", "offer"}), frozenset({"email", "sms"}))
WAS: Counter[Figure] = Counter(
    {("sent", "orders", "offer", "sms", ""): 10, ("sent", "welcome", "welcome", "email", ""): 40}
)
WOULD: Counter[Figure] = Counter(
    {("sent", "orders", "offer", "sms", ""): 12, ("sent", "orders", "offer", "email", ""): 8,
     ("refused", "orders", "offer", "sms", "cap"): 3}
)  # fmt: skip
GONE = Difference("was", Line(1, "c1", "sent", "welcome", id="m1"))


def holds(text: str) -> bool:
    found = Compared(was=WAS, would=WOULD, differences=[GONE])
    return judge([read(text, NAMES)], found)[0].holds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sent.sms > +10%", True),
        ("sent.sms > +20%", False),
        ("sent.sms>=+20%", True),
        ("sent < -50%", True),
        ("sent.email < -32", False),
        ("sent.email <= -32", True),
        ("sent.orders.email > 0", True),
        ("sent.email.orders == 8", True),
        ("sent.journey:welcome == 0", True),
        ("sent.message:welcome != 0", False),
        ("refused.cap > +1000%", True),
        ("refused.cap.sms > +2", True),
        ("held > +0%", False),
        ("gone > 0", True),
        ("new > 0", False),
    ],
)
def test_a_condition_holds_or_does_not(text: str, expected: bool) -> None:
    assert holds(text) is expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sent", "is no figure, comparison and value: write sent.sms > "),
        ("sent.sms = +10%", "is no figure, comparison and value"),
        ("sendt > 1", "there is no figure 'sendt'. Did you mean 'sent'?"),
        ("sent.smss > 1", "Did you mean 'sms'?"),
        ("sent.welcome > 1", "is a journey and a message: write journey:welcome or message:welcome."),
        ("sent.sms.email > 1", "'sms' and 'email' are both a channel"),
        ("sent.chanel:sms > 1", "'chanel' is none of journey, message, channel, reason"),
        ("sent.channel:fax > 1", "no channel 'fax'"),
        ("sent > 10%", r"a percentage is a change: write \+10% or -"),
        ("gone > +1", "a figure of the comparison"),
    ],
)
def test_what_cannot_be_read_is_said_with_what_can_be_written(text: str, said: str) -> None:
    with pytest.raises(BadCondition, match=said.replace("?", r"\?")):
        read(text, NAMES)
