"""The address to which mail comes back: it names the attempt, and only we can have made it."""

from __future__ import annotations

import pytest

from engine.channels.return_path import ReturnPath
from engine.channels.signed_link import BadLink
from engine.model.errors import SetupError

NEW, OLD = "the-new-secret-of-the-shop", "the-old-secret-of-the-shop"
ATTEMPT = "m2f0123456789abcdef01234567-email-3"
PATH = ReturnPath("bounces@mail.fernhill.example", [NEW])


def test_it_names_the_attempt_however_a_server_writes_it() -> None:
    address = PATH.of(ATTEMPT)
    local, _, domain = address.partition("@")
    assert (local[:8], len(local) <= 64, domain) == ("bounces+", True, "mail.fernhill.example")
    for written in (address, address.upper(), f"<{address}>"):
        assert PATH.read(written) == ATTEMPT


def test_each_attempt_has_its_own() -> None:
    assert len({PATH.of(ATTEMPT[:-1] + number) for number in ("1", "2", "12", "65535")}) == 4
    assert PATH.of("m2f0123456789abcdef01234567-sms-1") == "bounces@mail.fernhill.example"


def test_no_changed_letter_passes() -> None:
    address = PATH.of(ATTEMPT)
    start = len("bounces+")
    for place in range(start, start + 40):
        changed = address[:place] + ("a" if address[place] != "a" else "b") + address[place + 1 :]
        with pytest.raises(BadLink):
            PATH.read(changed)


@pytest.mark.parametrize(
    "recipient",
    ["", "@", "bounces@mail.fernhill.example", "bounces+@mail.fernhill.example", "ana@example.com",
     "bounces+" + "1" * 40 + "@mail.fernhill.example", "bounces+" + "é" * 40 + "@mail.fernhill.example",
     PATH.of(ATTEMPT).replace("mail.", "evil."), PATH.of(ATTEMPT).replace("bounces+", "other+")],
)  # fmt: skip
def test_whatever_else_comes_is_refused(recipient: str) -> None:
    with pytest.raises(BadLink):
        PATH.read(recipient)


def test_a_changed_secret_lets_old_mail_come_back() -> None:
    old = ReturnPath("bounces@mail.fernhill.example", [OLD]).of(ATTEMPT)
    assert ReturnPath("bounces@mail.fernhill.example", [NEW, OLD]).read(old) == ATTEMPT
    with pytest.raises(BadLink, match="not made here"):
        PATH.read(old)


@pytest.mark.parametrize("address", ["", "bounces", "a b@c.example", "bounces+x@c.example", "b" * 21 + "@c.example"])
def test_an_address_that_cannot_carry_more_is_refused(address: str) -> None:
    with pytest.raises(SetupError, match="PARCOURS_BOUNCE_ADDRESS"):
        ReturnPath(address, [NEW])
