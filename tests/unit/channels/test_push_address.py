"""Which service a push address is for, and that there is one spelling of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.channels.push import normalise, read_address

KEYS = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx",
    "auth": "BTBZ",
}
SUBSCRIPTION: dict[str, Any] = {"endpoint": "https://push.example/1?a=b", "expirationTime": None, "keys": KEYS}


@pytest.mark.parametrize(
    ("address", "service", "token"),
    [
        ("apns:ABC123", "apns", "ABC123"),
        ("fcm:dX1:APA91b", "fcm", "dX1:APA91b"),
        ("dX1:APA91b", "fcm", "dX1:APA91b"),
        ("a1" * 32, "apns", "a1" * 32),
        ("  " + "A1" * 40 + "\n", "apns", "A1" * 40),
        (json.dumps(SUBSCRIPTION, indent=2), "webpush", "https://push.example/1?a=b"),
    ],
)
def test_an_address_says_whose_it_is(address: str, service: str, token: str) -> None:
    found = read_address(address)
    assert found is not None
    assert (found.service, found.token) == (service, token)
    spelled = normalise(address)
    assert spelled is not None
    assert normalise(spelled) == spelled
    assert read_address(spelled) == found


@pytest.mark.parametrize(
    "address",
    [
        "", "apns:", "fcm:a b", "a\nb", 7, None, "{", "{}", "[" * 100_000, "{" * 100_000,
        json.dumps({**SUBSCRIPTION, "endpoint": "ftp://push.example"}),
        json.dumps({**SUBSCRIPTION, "endpoint": "https://push.example/\u202e"}),
        json.dumps({**SUBSCRIPTION, "keys": {"p256dh": "a\r\nb", "auth": "x"}}),
        json.dumps({**SUBSCRIPTION, "keys": []}),
    ],
)  # fmt: skip
def test_what_is_no_address(address: object) -> None:
    assert read_address(address) is None
    assert normalise(address) is None


def test_two_spellings_of_a_subscription_are_one_address() -> None:
    other = {
        "keys": {"auth": KEYS["auth"] + "==", "p256dh": KEYS["p256dh"] + "="},
        "endpoint": SUBSCRIPTION["endpoint"],
    }
    assert normalise(json.dumps(SUBSCRIPTION)) == normalise(json.dumps(other))
