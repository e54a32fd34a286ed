"""Which provider a channel goes to: by the mode, the settings and the brand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.channels import CHANNELS
from engine.channels.providers.allowlist import AllowlistSender
from engine.channels.providers.outbox import OutboxSender
from engine.channels.providers.smtp import SmtpSender
from engine.channels.providers.webhook import WebhookSender
from engine.channels.signed_link import LinkSigner, Unsubscribe
from engine.model.errors import SetupError
from engine.model.message import Outgoing, Rendered, Sender
from engine.model.plan import Plan
from engine.model.policy import Policies, Purpose
from engine.model.vocabulary import Vocabulary
from engine.runtime import own_links
from engine.runtime.prompts import StorePromptSender
from engine.runtime.senders import SetUpSenders
from engine.runtime.store import Store
from engine.settings import load

BRAND = {"sender": {"email": "hello@fernhill.example", "name": "Fernhill", "sms": "Fernhill"}}


def plan(delivery: str = "outbox", allow: tuple[str, ...] = (), brand: dict[str, Any] | None = None) -> Plan:
    words = Vocabulary(events={}, attributes={}, objects={}, identifiers={}, addresses={})
    policies = Policies(delivery=delivery, allow=allow)
    return Plan("f", words, policies, {}, {}, brand=BRAND if brand is None else brand)


def first(made: SetUpSenders, channel: str, plan: Plan) -> Sender:
    return made.of(channel, plan)[0].sender


def senders(folder: Path, **given: Any) -> SetUpSenders:
    return SetUpSenders(load(workspace=folder, **given), Store("redis://127.0.0.1:1/0"))


def test_the_policy_says_where_messages_go_unless_the_installation_does(tmp_path: Path) -> None:
    assert isinstance(first(senders(tmp_path), "email", plan("outbox")), OutboxSender)
    live = senders(tmp_path, smtp_url="smtp://localhost")
    assert isinstance(first(live, "email", plan("live")), SmtpSender)
    assert isinstance(first(live, "email", plan("allowlist")), AllowlistSender)
    held_back = senders(tmp_path, delivery="outbox", smtp_url="smtp://localhost")
    assert isinstance(first(held_back, "email", plan("live")), OutboxSender)


def test_push_and_sms_go_to_webhooks_and_prompts_to_the_store_in_each_mode(tmp_path: Path) -> None:
    url = "https://hooks.fernhill.example/push"
    secret = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"
    made = senders(tmp_path, push_url=url, webhook_secret=secret)
    assert isinstance(first(made, "push", plan("live")), WebhookSender)
    assert isinstance(first(made, "store", plan("live")), StorePromptSender)
    assert isinstance(first(made, "store", plan("outbox")), StorePromptSender)


@pytest.mark.parametrize("channel", [channel.name for channel in CHANNELS if channel.name != "store"])
def test_the_mode_holds_for_every_channel(tmp_path: Path, channel: str) -> None:
    # whoever adds a channel sets it up here
    urls = {"smtp_url": "smtp://localhost", "sms_url": "https://sms.example/", "push_url": "https://push.example/"}
    secret = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"
    made = senders(tmp_path, webhook_secret=secret, **urls)
    assert isinstance(first(made, channel, plan("outbox")), OutboxSender)
    listed = first(made, channel, plan("allowlist", allow=("listed@fernhill.example", "+33612345678")))
    assert isinstance(listed, AllowlistSender)
    assert listed.allows("listed@fernhill.example")
    # a customer, or one of our own people who is not on it
    assert not listed.allows("care@fernhill.example")
    assert not listed.allows("+33612345679")
    assert not isinstance(first(made, channel, plan("live")), (OutboxSender, AllowlistSender))


@pytest.mark.parametrize(
    ("channel", "given", "brand", "says"),
    [
        ("email", {}, BRAND, "PARCOURS_SMTP_URL"),
        ("email", {"smtp_url": "smtp://localhost"}, {}, "journeys/brand.yaml"),
        ("push", {}, BRAND, "PARCOURS_PUSH_URL"),
        ("sms", {"sms_url": "https://hooks.fernhill.example/"}, BRAND, "PARCOURS_WEBHOOK_SECRET"),
    ],
)
def test_what_is_not_set_up_is_named(
    tmp_path: Path, channel: str, given: dict[str, str], brand: dict[str, Any], says: str
) -> None:
    with pytest.raises(SetupError, match=says):
        senders(tmp_path, **given).of(channel, plan("live", brand=brand))


def test_a_sender_is_kept_until_the_policy_changes(tmp_path: Path) -> None:
    made = senders(tmp_path, smtp_url="smtp://localhost")
    kept = first(made, "email", plan("live"))
    assert first(made, "email", replace(plan("live"), fingerprint="another")) is kept
    assert first(made, "email", plan("allowlist", allow=("*@fernhill.example",))) is not kept
    made.close()


def test_marketing_mail_carries_a_link_that_unsubscribes_and_a_receipt_carries_none(tmp_path: Path) -> None:
    purposes = {"marketing": Purpose("marketing"), "service": Purpose("service", transactional=True)}
    made = own_links.unsubscribing(
        load(workspace=tmp_path, public_url="https://links.shop.example/", link_secret="long-enough-to-be-one"),
        own_links.refusable(replace(plan(), policies=Policies(purposes=purposes))),
    )
    assert made is not None
    letter = Outgoing(
        "m2f1-email-1", "m2f1", "c1", "Ana", "basket", "send:b", "b", "email", "ana@fernhill.example", "marketing",
        0, None, Rendered("b", "email", "en", {}),
    )  # fmt: skip

    link = made(letter)

    assert link is not None
    start, _, token = link.rpartition("/")
    assert start == "https://links.shop.example/u"
    told = LinkSigner(["another-secret-a-new-one", "long-enough-to-be-one"]).read(token, Unsubscribe)
    assert told == Unsubscribe("m2f1", "c1", "email", "ana@fernhill.example", "marketing")
    assert made(replace(letter, purpose="service")) is None


def test_several_providers_stand_in_the_order_of_the_setting_under_names_without_secrets(tmp_path: Path) -> None:
    urls = "smtps://me:secret@mail.example:465 smtp+starttls://me:secret@other.example smtps://mail.example:465"
    made = senders(tmp_path, smtp_url=urls)
    found = made.of("email", plan("live"))
    assert [each.name for each in found] == [
        "email:mail.example:465",
        "email:other.example",
        "email:mail.example:465#2",
    ]
    assert all(each.guarded for each in found)
    assert "secret" not in repr([each.name for each in found])


def test_one_wrong_url_among_several_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="PARCOURS_SMS_URL cannot be used"):
        load(workspace=tmp_path, sms_url="https://one.example/ ftp://two.example/")
    with pytest.raises(SetupError, match="PARCOURS_REDIS_URL"):
        load(workspace=tmp_path, redis_url="redis://one:1 nonsense://two:x")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"bounce_address": "bounces@mail.fernhill.example"}, "PARCOURS_LINK_SECRET"),
        ({"bounce_address": "no address", "link_secret": "long-enough-to-be-one"}, "PARCOURS_BOUNCE_ADDRESS"),
        ({"dkim_key": Path("missing.pem")}, "PARCOURS_DKIM_KEY cannot be read"),
        ({"dkim_key": Path("missing.pem"), "dkim_domain": "other.example"}, "PARCOURS_DKIM_DOMAIN is other.example"),
    ],
)
def test_what_e_mail_is_signed_with_is_checked_before_any_leaves(
    tmp_path: Path, given: dict[str, Any], says: str
) -> None:
    with pytest.raises(SetupError, match=says):
        senders(tmp_path, smtp_url="smtp://localhost", **given).of("email", plan("live"))
