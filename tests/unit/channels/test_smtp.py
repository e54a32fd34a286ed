"""Conversations with a real SMTP server: what each ending of one means."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from engine.channels.providers import smtp
from engine.channels.providers.smtp import SmtpSender
from engine.model.errors import SetupError
from engine.model.message import Outgoing
from tests.unit.channels.certificate import Certificate
from tests.unit.channels.smtp_sink import DROP, HANG, SmtpSink

Make = Callable[..., Outgoing]
FROM = ("Fernhill", "hello@fernhill.example")


@pytest.fixture(params=[False, True], ids=["step by step", "pipelining"])
def sink(request: pytest.FixtureRequest) -> Iterator[SmtpSink]:
    server = SmtpSink(pipelining=request.param)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def sender(sink: SmtpSink) -> Iterator[SmtpSender]:
    with closing(SmtpSender(f"smtp://127.0.0.1:{sink.port}", *FROM, timeout=5)) as client:
        yield client


def test_an_accepted_message_is_what_was_written(outgoing: Make, sink: SmtpSink, sender: SmtpSender) -> None:
    outcome = sender.send(outgoing(text="one\n.\n..two\n.three"))

    assert (outcome.kind, outcome.provider_id) == ("accepted", "OK queued as 42")
    (envelope,) = sink.got
    assert envelope.mail_from == "hello@fernhill.example"
    assert envelope.rcpt_tos == ["ana@example.com"]
    assert b"\r\n..two\r\n.three\r\n" in (envelope.original_content or b"")  # and the lone dot ended nothing


def test_ses_reports_by_the_id_it_gave(
    outgoing: Make, sink: SmtpSink, sender: SmtpSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink.script = {"DATA": ["250 Ok 0102018f-000000"] * 2}
    assert (sender.send(outgoing()).provider_id, sender.send(outgoing()).names) == ("Ok 0102018f-000000", "")
    sink.script = {"DATA": ["250 Ok 0102018f-000000"]}
    monkeypatch.setattr(smtp, "_SES", re.compile(re.escape("127.0.0.1")))
    found = sender.send(outgoing())
    assert (found.names, found.provider_id) == ("ses", "0102018f-000000")


def test_three_messages_go_over_one_connection(outgoing: Make, sink: SmtpSink, sender: SmtpSender) -> None:
    kinds = [sender.send(outgoing(attempt_id=f"a{n}")).kind for n in range(3)]

    assert kinds == ["accepted"] * 3
    assert sink.connections == 1


ENDINGS = [
    ("MAIL", "451 4.3.0 try later", "retry"),
    ("MAIL", "550 5.7.1 you are not welcome", "refused"),
    ("RCPT", "450 4.2.0 greylisted", "retry"),
    ("RCPT", "550 no such user", "bad_address"),
    ("RCPT", "551 not here", "bad_address"),
    ("RCPT", "553 mailbox name not allowed", "bad_address"),
    ("RCPT", "550 5.1.1 no such user", "bad_address"),
    ("RCPT", "550 5.2.1 mailbox disabled", "bad_address"),
    ("RCPT", "550 5.7.1 blocked by policy", "refused"),  # says nothing about the address
    ("RCPT", "550 5.1.8 bad sender", "refused"),
    ("RCPT", "550 5.4.1 Recipient address rejected: Access denied", "bad_address"),
    ("RCPT", "552 5.2.2 mailbox full", "refused"),
    ("RCPT", "554 no", "refused"),
    ("RCPT", "251 will forward", "accepted"),
    ("RCPT", "421 4.3.2 shutting down", "retry"),
    ("DATA", "451 4.3.0 disk full", "retry"),
    ("DATA", "554 5.6.0 looks like spam", "refused"),
    ("DATA", "550 no", "refused"),  # after the message: its fault, not the address's
]


@pytest.mark.parametrize(("stage", "answer", "kind"), ENDINGS)
def test_an_answer_has_one_meaning(
    outgoing: Make, sink: SmtpSink, sender: SmtpSender, stage: str, answer: str, kind: str
) -> None:
    sink.script = {stage: [answer]}

    outcome = sender.send(outgoing())

    assert outcome.kind == kind
    assert kind == "accepted" or answer in outcome.reason
    assert sender.send(outgoing(attempt_id="next")).kind == "accepted"  # nothing of it clings to the next message


@pytest.mark.parametrize(
    ("stage", "how", "kind"),
    [
        ("MAIL", DROP, "retry"),
        ("RCPT", DROP, "retry"),
        ("RCPT", HANG, "retry"),
        ("DATA", DROP, "unknown"),  # the dot was sent: perhaps it has the message
        ("DATA", HANG, "unknown"),
    ],
)
def test_the_final_dot_divides_retry_from_unknown(
    outgoing: Make, sink: SmtpSink, stage: str, how: str, kind: str
) -> None:
    sink.script = {stage: [how]}
    with closing(SmtpSender(f"smtp://127.0.0.1:{sink.port}", *FROM, timeout=0.4)) as sender:
        outcome = sender.send(outgoing())
        after = sender.send(outgoing(attempt_id="next"))

    assert outcome.kind == kind
    assert outcome.reason
    assert after.kind == "accepted"


@pytest.mark.parametrize("gone", [DROP, "421 4.4.2 idle for too long"])
def test_a_stale_connection_is_replaced_once_and_silently(
    outgoing: Make, sink: SmtpSink, sender: SmtpSender, gone: str
) -> None:
    sender.send(outgoing(attempt_id="a1"))
    sink.script = {"MAIL": [gone]}

    assert sender.send(outgoing(attempt_id="a2")).kind == "accepted"
    assert sink.connections == 2


def test_a_server_that_always_drops_is_not_asked_for_ever(outgoing: Make, sink: SmtpSink, sender: SmtpSender) -> None:
    sender.send(outgoing(attempt_id="a1"))
    sink.script = {"MAIL": [DROP] * 9}

    assert sender.send(outgoing(attempt_id="a2")).kind == "retry"
    assert sink.connections == 2


def test_a_connection_lost_in_the_middle_of_the_text_is_a_retry(outgoing: Make) -> None:
    # given a server that takes DATA and goes away while a message larger than all buffers is on its way
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            link, _ = server.accept()
            with link, link.makefile("rb") as lines:
                link.sendall(b"220 hi\r\n")
                for answer in (b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"):
                    lines.readline()
                    link.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        sender = SmtpSender(f"smtp://127.0.0.1:{server.getsockname()[1]}", *FROM, timeout=2)

        outcome = sender.send(outgoing(html="x" * 12_000_000))
        thread.join()

    assert outcome.kind == "retry"
    assert "lost while sending" in outcome.reason


def test_no_server_is_a_retry(outgoing: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    outcome = SmtpSender(f"smtp://127.0.0.1:{port}", *FROM).send(outgoing())

    assert outcome.kind == "retry"
    assert f"127.0.0.1:{port}" in outcome.reason


def test_something_that_is_no_smtp_server_is_a_retry(outgoing: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sender = SmtpSender(f"smtp://127.0.0.1:{silent.getsockname()[1]}", *FROM, timeout=0.1)

        assert sender.send(outgoing()).kind == "retry"


@pytest.mark.parametrize(
    "address",
    [
        "ana@example.com\r\nRCPT TO:<all@example.com>",
        "ana@example.com> NOTIFY=NEVER",
        "ana@example.com, bob@example.com",
        "<ana@example.com>",
        "ana",
        "",
        "a\x00@example.com",
        "\ud800@example.com",
    ],
)
def test_an_address_that_could_speak_smtp_never_reaches_the_server(
    outgoing: Make, sink: SmtpSink, sender: SmtpSender, address: str
) -> None:
    assert sender.send(outgoing(address=address)).kind == "bad_address"
    assert sink.connections == 0


def test_letters_beyond_ascii_travel(outgoing: Make, sink: SmtpSink, sender: SmtpSender) -> None:
    assert sender.send(outgoing(address="josé@bücher.example")).kind == "accepted"
    assert sink.got[0].rcpt_tos == ["josé@xn--bcher-kva.example"]
    assert "SMTPUTF8" in sink.got[0].mail_options

    assert sender.send(outgoing(address="ana@bücher.example", attempt_id="a2")).kind == "accepted"
    assert sink.got[1].rcpt_tos == ["ana@xn--bcher-kva.example"]
    assert "SMTPUTF8" not in sink.got[1].mail_options


def test_a_server_without_smtputf8_refuses_only_those_who_need_it(outgoing: Make) -> None:
    sink = SmtpSink(smtputf8=False)
    sink.start()
    with closing(SmtpSender(f"smtp://127.0.0.1:{sink.port}", *FROM)) as sender:
        outcomes = [sender.send(outgoing(address=a)).kind for a in ("josé@example.com", "ana@example.com")]
    sink.stop()

    assert outcomes == ["refused", "accepted"]
    assert sink.connections == 1


def test_threads_share_a_sender(outgoing: Make, sink: SmtpSink, sender: SmtpSender) -> None:
    kinds: list[str] = []
    threads = [
        threading.Thread(target=lambda n=n: kinds.append(sender.send(outgoing(attempt_id=f"t{n}")).kind))
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert kinds == ["accepted"] * 6
    assert len({(e.original_content or b"").partition(b"Message-ID: ")[2][:6] for e in sink.got}) == 6


@pytest.mark.parametrize(("password", "kind"), [("p@ss/word", "accepted"), ("wrong", "retry")])
def test_a_login(outgoing: Make, password: str, kind: str) -> None:
    sink = SmtpSink(password="p@ss/word")
    sink.start()
    url = f"smtp://ana%40shop:{password.replace('@', '%40').replace('/', '%2F')}@127.0.0.1:{sink.port}"
    with closing(SmtpSender(url, *FROM)) as sender:
        outcome = sender.send(outgoing())
    sink.stop()

    assert outcome.kind == kind  # a wrong password is no fault of the message
    assert password not in outcome.reason


def test_starttls_is_demanded_not_hoped_for(outgoing: Make, sink: SmtpSink) -> None:
    outcome = SmtpSender(f"smtp://127.0.0.1:{sink.port}?starttls=1", *FROM).send(outgoing())

    assert outcome.kind == "retry"
    assert "STARTTLS" in outcome.reason
    assert sink.got == []


def test_starttls_hides_the_login_and_the_message(outgoing: Make, certificate: Certificate) -> None:
    sink = SmtpSink(tls=certificate.server, password="secret")
    sink.start()
    url = f"smtp://ana%40shop:secret@127.0.0.1:{sink.port}?starttls=1"
    with closing(SmtpSender(url, *FROM, tls=certificate.client)) as trusting:
        trusted = trusting.send(outgoing())
    with closing(SmtpSender(url, *FROM)) as strict:
        unknown_authority = strict.send(outgoing())
    sink.stop()

    assert trusted.kind == "accepted"
    assert sink.secure == [True]
    assert unknown_authority.kind == "retry"
    assert "certificate" in unknown_authority.reason


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("http://mail.example", "smtp://"),
        ("smtp://", "smtp://"),
        ("smtp://mail.example:port", "cannot be read"),
        ("smtp://mail.example?startls=1", "startls"),
        ("smtp://ana:secret@mail.example", "starttls"),
    ],
)
def test_a_wrong_url_is_refused_with_what_to_write(url: str, hint: str) -> None:
    with pytest.raises(SetupError, match=hint) as caught:
        SmtpSender(url, *FROM)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("address", ["hello", "josé@fernhill.example", "a@b\r\nc"])
def test_a_senders_address_is_checked_at_once(address: str) -> None:
    with pytest.raises(SetupError, match="sender's address"):
        SmtpSender("smtp://localhost", "Fernhill", address)
