"""E-mail as it arrives with everything switched on: unsubscribe headers, return path, signature, own people."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from engine.channels.return_path import ReturnPath
from engine.channels.signed_link import LinkSigner, Unsubscribe
from engine.define.workspace import compile_sources
from engine.model.ids import profile_id
from engine.runtime.bells import Noted
from engine.runtime.bounces import Bounces
from engine.runtime.clock import Clock
from engine.runtime.engine import Engine
from engine.runtime.plans import FixedPlan, Running
from engine.runtime.pump import drain
from engine.runtime.senders import SetUpSenders
from engine.runtime.store import Store
from engine.settings import load
from tests.contract.shop import HOUR, SOURCES, START, agreed, joined, sources
from tests.unit.channels.smtp_sink import SmtpSink
from tests.unit.channels.test_returned import report

SECRET = "the-secret-of-this-shop"
BOX = "bounces@mail.fernhill.example"
PATH = ReturnPath(BOX, [SECRET])
POLICIES = SOURCES["journeys/policies.yaml"] + "  delivery: live\n  recipients: {care_team: care@fernhill.example}\n"
JOURNEY = SOURCES["journeys/welcome.yaml"].replace("via: [email, sms]", "via: email") + (
    "  - send: welcome\n    via: email\n    to: care_team\n    id: told\n"
)
BRAND = "brand: {name: Fernhill, sender: {name: Fernhill, email: hello@fernhill.example}}\n"


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    server = SmtpSink(pipelining=True)
    server.start()
    yield server
    server.stop()


def test_what_arrives_can_be_refused_returned_and_verified(redis_url: str, sink: SmtpSink, tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 1024)
    encoding = serialization.Encoding
    (tmp_path / "dkim.pem").write_bytes(
        key.private_bytes(encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    settings = load(
        workspace=tmp_path, smtp_url=f"smtp://127.0.0.1:{sink.port}", dkim_key=Path("dkim.pem"), bounce_address=BOX,
        public_url="https://links.fernhill.example", link_secret=SECRET,
    )  # fmt: skip
    built = compile_sources(sources(policies=POLICIES, welcome=JOURNEY, brand=BRAND)).sound()
    with closing(Store.open(redis_url)) as store:
        senders = SetUpSenders(settings, store)
        engine = Engine(store, FixedPlan(Running(built.plan, built.renderer.render)), senders, Noted())
        Clock(store).hold(START)
        engine.accept([agreed(), joined()])
        drain(engine)
        Clock(store).hold(START + 2 * HOUR)
        drain(engine)

        receipt, offer, told = sink.got
        # what may be refused says how, with one click, and the link says for whom
        heads = [message_from_bytes(each.original_content or b"") for each in (receipt, offer, told)]
        assert [head["List-Unsubscribe-Post"] for head in heads] == [None, "List-Unsubscribe=One-Click", None]
        link = re.fullmatch(r"<https://links\.fernhill\.example/u/(\S+)>", str(heads[1]["List-Unsubscribe"]))
        assert link is not None
        said = LinkSigner([SECRET]).read(link[1], Unsubscribe)
        assert (said.address, said.purpose) == ("ana@fernhill.example", "marketing")
        assert said.profile == profile_id("customer_id", "ana")
        # each is signed for its domain, the unsubscribe headers as well
        public = key.public_key().public_bytes(encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        for each in (receipt, offer, told):
            assert dkim.verify(
                each.original_content, dnsfunc=lambda name, timeout=5: b"v=DKIM1; k=rsa; p=" + b64encode(public)
            )
        # our own people are written to as such
        assert [each.rcpt_tos for each in sink.got] == [["ana@fernhill.example"]] * 2 + [["care@fernhill.example"]]
        # each comes back to an address of its own; what is wrong with our mailbox is not the customer's
        attempts = [PATH.read(str(each.mail_from)) for each in sink.got]
        assert len(set(attempts)) == 3
        bounces = Bounces(settings, engine.receipts, lambda odd: None)
        assert bounces.take(report("5.1.1"), str(told.mail_from)).status == "accepted"
        drain(engine)
        blob = store.shards.profiles([said.profile])[said.profile]
        assert b"bounced" not in blob
        assert bounces.take(report("5.1.1"), str(offer.mail_from)).status == "accepted"
        drain(engine)
        assert b"bounced" in store.shards.profiles([said.profile])[said.profile]
        senders.close()
