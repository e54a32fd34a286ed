"""Mail that comes back on a real Redis: over LMTP and from a pipe, forged and broken ones as well."""

from __future__ import annotations

import asyncio
import os
import signal
import smtplib
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr

from engine.channels.return_path import ReturnPath
from engine.channels.signed_link import LinkSigner, Unsubscribe
from engine.cli.main import main
from engine.model.ids import profile_id, shard_of
from engine.runtime import lmtp
from engine.runtime.blob import read_profile
from engine.runtime.bounces import Bounces
from engine.runtime.clock import Clock
from engine.runtime.engine import Engine
from engine.runtime.plans import publish
from engine.runtime.ports import listen_on
from engine.runtime.pump import drain
from engine.runtime.receipts import aside, set_aside
from engine.runtime.store import Store, StoreError
from engine.settings import Settings, load
from tests.contract.shop import HOUR, START, Recording, agreed, joined, shop, sources
from tests.unit.channels.test_returned import report

ANA = profile_id("customer_id", "ana")
SECRET = "the-secret-of-this-shop"
BOX = "bounces@mail.fernhill.example"
PATH = ReturnPath(BOX, [SECRET])


def settings() -> Settings:
    return load(bounce_address=BOX, link_secret=SecretStr(SECRET))


@pytest.fixture
def sent(store: Store) -> tuple[Engine, Recording, str]:
    """Ana has got her welcome; the id of that attempt."""
    engine = shop(store, provider := Recording())
    engine.accept([agreed(), joined()])
    drain(engine)
    return engine, provider, provider.sent[0].attempt_id


def bounces(engine: Engine) -> Bounces:
    return Bounces(settings(), engine.receipts, lambda odd: set_aside(engine.store, [odd], START))


def past(engine: Engine, name: str) -> list[dict[str, object]]:
    drain(engine)
    profile = read_profile(engine.store.shards.profiles([ANA])[ANA])
    return [each.data for each in profile.history.get(name, [])]


def test_a_dead_address_stops_what_is_planned_and_is_said_once(sent: tuple[Engine, Recording, str]) -> None:
    engine, provider, attempt = sent
    Clock(engine.store).hold(START + 2 * HOUR)
    engine.advance(shard_of(ANA))  # the offer is planned

    mail = report("5.1.1", said="550 5.1.1 no such user")
    took = [bounces(engine).take(mail, PATH.of(attempt).upper()) for _ in range(2)]
    engine.deliver("email")

    assert [each.status for each in took] == ["accepted", "duplicate"]
    assert [each.message for each in provider.sent] == ["welcome"]
    (bounced,) = past(engine, "bounced")
    assert (bounced["kind"], bounced["message"], bounced["address"]) == ("hard", attempt, "ana@fernhill.example")
    assert "no such user" in str(bounced["reason"])


def test_what_is_late_or_full_is_recorded_and_stops_nothing(sent: tuple[Engine, Recording, str]) -> None:
    engine, provider, attempt = sent
    for status, action in (("4.4.1", "delayed"), ("5.2.2", "failed")):
        assert bounces(engine).take(report(status, action), PATH.of(attempt)).status == "accepted"
    assert [each["kind"] for each in past(engine, "bounced")] == ["soft", "soft"]
    Clock(engine.store).hold(START + 2 * HOUR)
    drain(engine)
    assert [each.message for each in provider.sent] == ["welcome", "offer"]


def test_a_complaint_is_known_by_what_was_signed_in_the_mail_it_returns(sent: tuple[Engine, Recording, str]) -> None:
    engine, _, attempt = sent
    facts = Unsubscribe(attempt.partition("-")[0], ANA, "email", "ana@fernhill.example", "marketing")
    link = f"https://links.fernhill.example/u/{LinkSigner([SECRET]).sign(facts)}"
    mail = (
        'Content-Type: multipart/report; report-type=feedback-report; boundary="B"\n\n'
        "--B\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: Big/1\n\n"
        f"--B\nContent-Type: message/rfc822\n\nList-Unsubscribe: <{link}>\nSubject: x\n\nHello\n--B--\n"
    ).encode()

    assert bounces(engine).take(mail.replace(link[-6:].encode(), b"forged"), BOX).status == "aside"
    assert bounces(engine).take(mail, BOX).status == "accepted"

    assert [each["purpose"] for each in past(engine, "complained")] == ["marketing"]


def test_forged_and_broken_mail_is_set_aside_with_the_reason(sent: tuple[Engine, Recording, str]) -> None:
    engine, _, attempt = sent
    others = ReturnPath(BOX, ["the-secret-of-another-shop"]).of(attempt)
    returned = bounces(engine)
    assert [
        returned.take(report("5.1.1"), others).status,
        returned.take(report("5.1.1"), "postmaster@mail.fernhill.example").status,
        returned.take(b"Subject: hello\n\nwho are you?\n", PATH.of(attempt)).status,
        returned.take(b"Auto-Submitted: auto-replied\n\nI am away\n", PATH.of(attempt)).status,
    ] == ["aside"] * 4
    assert [each["reason"] for each in aside(engine.store)][::-1] == [
        "the address it came to was not made here: its signature does not fit",
        "it did not come to the bounce address",
        "no delivery report is in it",
        "an automatic reply",
    ]
    assert past(engine, "bounced") == []


@contextmanager
def serving(taking: Callable[[bytes, str], Any]) -> Iterator[int]:
    """The port of a server that hands returned mail to `taking`."""
    listener, loop = listen_on("127.0.0.1", 0), asyncio.new_event_loop()
    server = loop.run_until_complete(lmtp.started(listener, taking))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield listener.getsockname()[1]
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


def test_a_mail_server_hands_it_over_by_lmtp(sent: tuple[Engine, Recording, str]) -> None:
    engine, _, attempt = sent
    mail = report("5.1.1").replace(b"Sorry.", b"Sorry. " + b"x" * 5_000)
    with serving(bounces(engine).take) as port, closing(smtplib.LMTP("127.0.0.1", port)) as client:
        both = client.sendmail("", [PATH.of(attempt), "eve@mail.fernhill.example"], mail)
        assert both == {"eve@mail.fernhill.example": (452, b"4.5.3 one recipient at a time")}
        client.sendmail("", [BOX], b"Subject: hello\n\nwho are you?\n")
    assert [each["kind"] for each in past(engine, "bounced")] == ["hard"]
    assert [each["reason"] for each in aside(engine.store)] == ["no delivery report is in it"]


def test_while_the_store_is_away_the_mail_server_keeps_it() -> None:
    def away(mail: bytes, recipient: str) -> None:
        raise StoreError("nobody answers")

    with serving(away) as port, closing(smtplib.LMTP("127.0.0.1", port)) as client:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail("", [BOX], report("5.1.1"))
        assert refused.value.smtp_code == 451


def test_the_command_reads_a_pipe_and_asks_to_come_again_when_nothing_runs(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(redis_url)
    publish(store, sources())
    attempt = f"m{shard_of(ANA):02x}{'0' * 24}-email-1"
    mail = report("5.1.1").replace(b"To: whoever", b"To: <" + PATH.of(attempt).encode() + b">")

    def read(*words: str) -> Result:
        return CliRunner().invoke(main, ["bounces", "read", *words], input=mail)

    monkeypatch.setenv("PARCOURS_REDIS_URL", redis_url)
    assert (read().exit_code, "Set PARCOURS_BOUNCE_ADDRESS" in read().stderr) == (75, True)
    monkeypatch.setenv("PARCOURS_BOUNCE_ADDRESS", BOX)
    assert (read().exit_code, "needs PARCOURS_LINK_SECRET" in read().stderr) == (75, True)
    monkeypatch.setenv("PARCOURS_LINK_SECRET", SECRET)
    assert (read().exit_code, "aside: nothing is kept of such a message" in read().stdout) == (0, True)
    assert "aside: it did not come to the bounce address" in read("--recipient", "eve@example.com").stdout
    monkeypatch.setenv("PARCOURS_REDIS_URL", "redis://127.0.0.1:1/0")
    assert read().exit_code == 75
    store.close()


def test_the_command_serves_until_it_is_told_to_end(redis_url: str, tmp_path: Path) -> None:
    store = Store.open(redis_url)
    publish(store, sources())
    store.close()
    with listen_on("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    env = os.environ | {
        "PARCOURS_REDIS_URL": redis_url,
        "PARCOURS_BOUNCE_ADDRESS": BOX,
        "PARCOURS_LINK_SECRET": SECRET,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "engine", "bounces", "serve", "--port", str(port)],
        env=env, cwd=tmp_path, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    assert f"127.0.0.1:{port}" in process.stderr.readline()
    with closing(smtplib.LMTP("127.0.0.1", port)) as client:
        assert client.sendmail("", [BOX], report("5.1.1")) == {}
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    process.stderr.close()
