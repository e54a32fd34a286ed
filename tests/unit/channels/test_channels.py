"""What a channel says about itself, and the one spelling of each kind of address."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.channels import CHANNEL, CHANNELS
from engine.channels.email import _validated, normalise


def test_every_channel_is_found_by_its_name() -> None:
    assert [channel.name for channel in CHANNELS] == ["email", "push", "sms", "store"]
    assert all(CHANNEL[channel.name] is channel for channel in CHANNELS)


def test_a_person_speaking_needs_no_grant_but_a_message_does() -> None:
    assert {channel.name for channel in CHANNELS if not channel.needs_consent} == {"store"}


def test_only_sms_cannot_report_that_it_was_seen() -> None:
    assert {channel.name for channel in CHANNELS if not channel.reports_open} == {"sms"}


def test_limits_cannot_be_changed_by_a_reader() -> None:
    with pytest.raises(TypeError):
        CHANNEL["push"].limits["title"] = 500  # type: ignore[index]


CASES = [
    ("email", " Ana@Example.COM ", "ana@example.com"),  # one spelling, so that one unsubscribe is enough
    ("email", "ana@mail.test", "ana@mail.test"),  # stories of a workspace may use .test
    ("email", "ana@bücher.example", "ana@bücher.example"),
    ("email", "josé@example.com", "josé@example.com"),
    ("email", "ana", None),
    ("email", "ana@", None),
    ("email", "a@b@example.com", None),
    ("email", "ana@example.com\r\nBcc: all@example.com", None),
    ("email", "Ana <ana@example.com>", None),
    ("email", "", None),
    ("email", None, None),
    ("email", 7, None),
    ("sms", "+33 6 12 34 56 78", "+33612345678"),
    ("sms", "0033 (0)6 12-34-56-78", "+33612345678"),
    ("sms", "+442079460958", "+442079460958"),
    ("sms", "06 12 34 56 78", None),  # whose country?
    ("sms", "+33 6 12", None),  # too short
    ("sms", "+999 123456789", None),  # no such country
    ("sms", "+33612345678 ext. 5", None),
    ("sms", "+33612345678\n+33612345679", None),
    ("sms", 33612345678, None),
    ("push", " t1 ", "t1"),
    ("push", "aBc:DEF", "aBc:DEF"),  # tokens keep their case
    ("push", "a\nb", None),
    ("push", "   ", None),
    ("push", "\ud800", None),
    ("store", "lyon", "lyon"),
    ("store", "Lyon Part-Dieu", "Lyon Part-Dieu"),
    ("store", "ly\u202eon", None),  # turns the line around
    ("store", ["lyon"], None),
]


@pytest.mark.parametrize(("channel", "value", "address"), CASES)
def test_an_address_has_one_spelling_or_none(channel: str, value: object, address: str | None) -> None:
    assert CHANNEL[channel].normalise(value) == address


LABELS = st.text("abz09-_+.", min_size=1, max_size=40)


@given(
    LABELS,
    st.lists(st.text("abz09-", min_size=1, max_size=70), min_size=1, max_size=3),
    st.sampled_from(["com", "local", "test", "c", "onion"]),
)
def test_the_short_way_for_plain_addresses_says_what_the_validator_says(
    local: str, labels: list[str], end: str
) -> None:
    address = f"{local}@{'.'.join(labels)}.{end}"
    assert normalise(address) == _validated(address)


@pytest.mark.parametrize(("channel", "address"), [(c, a) for c, _, a in CASES if a])
def test_normalising_twice_changes_nothing(channel: str, address: str) -> None:
    assert CHANNEL[channel].normalise(address) == address


def test_listing_the_channels_loads_no_heavy_library() -> None:
    heavy = "{'phonenumbers', 'email_validator', 'http.client', 'smtplib'}"
    code = f"import sys, engine.channels; print(sorted({heavy} & set(sys.modules)))"

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert said.strip() == "[]"
