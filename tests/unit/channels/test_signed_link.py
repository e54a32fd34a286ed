"""Links that only this installation can have made."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec
import pytest

from engine.channels.signed_link import BadLink, LinkSigner, Unsubscribe
from engine.model.errors import SetupError

NEW, OLD = "the new secret of the shop", "the old secret of the shop"
LINK = Unsubscribe("m2f0123456789abcdef01234567", "c0123", "email", "zoé@fernhill.example", "marketing")


class Other(msgspec.Struct, array_like=True, frozen=True):
    """Another kind of link, with the very same facts."""

    message: str
    profile: str
    channel: str
    address: str
    purpose: str


def test_a_link_says_what_was_signed_and_fits_into_a_url() -> None:
    token = LinkSigner([NEW]).sign(LINK)
    assert LinkSigner([NEW]).read(token, Unsubscribe) == LINK
    assert all(sign.isalnum() or sign in "-_" for sign in token)


def test_a_link_of_another_kind_or_another_shop_is_refused() -> None:
    token = LinkSigner([NEW]).sign(LINK)
    with pytest.raises(BadLink):
        LinkSigner([NEW]).read(token, Other)
    with pytest.raises(BadLink):
        LinkSigner([OLD]).read(token, Unsubscribe)


def test_no_changed_sign_passes() -> None:
    signer = LinkSigner([NEW])
    token = signer.sign(LINK)
    for place in range(len(token)):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(BadLink):
            signer.read(changed, Unsubscribe)


def test_the_facts_cannot_be_exchanged_under_a_signature() -> None:
    raw = urlsafe_b64decode(LinkSigner([NEW]).sign(LINK) + "==")
    forged = raw[:16] + msgspec.msgpack.encode(msgspec.structs.replace(LINK, address="eve@fernhill.example"))
    with pytest.raises(BadLink):
        LinkSigner([NEW]).read(urlsafe_b64encode(forged).rstrip(b"=").decode(), Unsubscribe)


@pytest.mark.parametrize("typed", ["", "x", "a.b", "é" * 30, "=" * 9, "A" * 5_000, "../../etc/passwd", "\x00\r\n"])
def test_whatever_is_typed_is_refused_and_nothing_else(typed: str) -> None:
    with pytest.raises(BadLink):
        LinkSigner([NEW]).read(typed, Unsubscribe)


def test_a_changed_secret_lets_old_links_work() -> None:
    old = LinkSigner([OLD]).sign(LINK)
    both = LinkSigner([NEW, OLD])
    assert both.read(old, Unsubscribe) == LINK
    assert both.sign(LINK) == LinkSigner([NEW]).sign(LINK) != old


@pytest.mark.parametrize("secrets", [[], [""], [NEW, "short"]])
def test_a_secret_that_can_be_guessed_is_none(secrets: list[str]) -> None:
    with pytest.raises(SetupError, match="PARCOURS_LINK_SECRET"):
        LinkSigner(secrets)
