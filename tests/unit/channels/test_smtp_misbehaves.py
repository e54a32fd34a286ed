"""Mail servers that misbehave, over a real socket: the right outcome each, and the next message is unharmed."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing

import pytest

from engine.channels.providers.smtp import SmtpSender
from engine.model.message import Outgoing
from tests.unit.channels.rude_server import DRIP, DROP, FLOOD, GARBAGE, HANG, RudeServer

FROM = ("Fernhill", "hello@fernhill.example")
TIMEOUT = 0.5

# stage, what the server does there, the outcome, whether the fault is the recipient's, what the reason says
TABLE = [
    # it takes the text and nobody can say what became of it
    ("dot", DROP, "unknown", False, "no answer after the message was handed over"),
    ("dot", HANG, "unknown", False, "timed out"),
    ("dot", DRIP, "unknown", False, "timed out"),
    ("dot", FLOOD, "unknown", False, "no end"),
    ("dot", GARBAGE, "unknown", False, "-1"),
    # before the dot it has nothing
    ("banner", DROP, "retry", False, "no conversation"),
    ("banner", HANG, "retry", False, "timed out"),
    ("banner", DRIP, "retry", False, "timed out"),
    ("banner", GARBAGE, "retry", False, "no conversation"),
    ("banner", "421 4.3.2 too many connections", "retry", False, "too many connections"),
    ("banner", "554 5.7.1 go away", "retry", False, "go away"),  # that is said of us, not of the message
    ("EHLO", DROP, "retry", False, "no conversation"),
    ("EHLO", HANG, "retry", False, "timed out"),
    ("EHLO", FLOOD, "retry", False, "no end"),
    ("AUTH", "535 5.7.8 wrong password", "retry", False, "wrong password"),
    ("AUTH", "454 4.7.0 try later", "retry", False, "try later"),
    ("AUTH", DROP, "retry", False, "no conversation"),
    ("MAIL", DROP, "retry", False, "lost at MAIL"),
    ("MAIL", HANG, "retry", False, "timed out"),
    ("MAIL", GARBAGE, "retry", False, "MAIL: -1"),
    ("MAIL", "421 4.3.2 shutting down", "retry", False, "shutting down"),
    ("MAIL", "451 4.3.0 later", "retry", False, "later"),
    ("MAIL", "530 5.7.0 log in first", "retry", False, "log in"),  # a server that was set up anew loses no message
    ("MAIL", "503 5.5.1 bad sequence", "retry", False, "sequence"),
    ("MAIL", "552 5.3.4 too large", "refused", False, "too large"),
    ("MAIL", "550 5.7.1 not you", "refused", False, "not you"),
    ("RCPT", DROP, "retry", False, "lost at RCPT"),
    ("RCPT", HANG, "retry", False, "timed out"),
    ("RCPT", "450 4.2.0 greylisted, come back", "retry", True, "greylisted"),
    ("RCPT", "452 4.2.2 mailbox full", "retry", True, "full"),
    ("RCPT", "421 4.3.2 shutting down", "retry", False, "shutting down"),
    ("RCPT", "550-5.1.1 No such user.\r\n550-5.1.1 Look again,\r\n550 please", "bad_address", True, "Look again"),
    ("RCPT", "550 5.7.1 listed as a spammer", "refused", True, "spammer"),
    ("DATA", DROP, "retry", False, "lost at DATA"),
    ("DATA", HANG, "retry", False, "timed out"),
    ("DATA", "451 4.3.0 disk full", "retry", False, "disk full"),
    ("DATA", "554 5.5.1 no", "refused", False, "no"),
    ("dot", "451 4.7.1 come back", "retry", False, "come back"),
    ("dot", "421 4.3.2 shutting down", "retry", False, "shutting down"),
    ("dot", "552 5.3.4 too large", "refused", False, "too large"),
    ("dot", "554 5.7.1 spam", "refused", False, "spam"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("stage", "does", "kind", "recipient", "says"), TABLE, ids=[f"{row[0]} {row[1][:12]}" for row in TABLE]
)
def test_what_a_server_does_has_one_outcome(
    outgoing: Callable[..., Outgoing], stage: str, does: str, kind: str, recipient: bool, says: str
) -> None:
    with RudeServer({stage: does}) as server:
        url = f"smtp://ana:secret@127.0.0.1:{server.port}"
        patience = TIMEOUT if does in (HANG, DRIP) else 10 * TIMEOUT
        with closing(SmtpSender(url, *FROM, timeout=patience)) as sender:
            begun = time.monotonic()
            outcome = sender.send(outgoing())
            took = time.monotonic() - begun
            taken = server.took
            after = sender.send(outgoing(attempt_id="the next one"))

    assert (outcome.kind, outcome.recipient) == (kind, recipient), outcome.reason
    assert says in outcome.reason
    assert "secret" not in outcome.reason
    assert taken == 0
    assert took < 6 * TIMEOUT  # it gives up in time, whatever the server goes on doing
    assert after.kind == "accepted"


def test_a_login_may_come_over_starttls_only_and_never_goes_without(outgoing: Callable[..., Outgoing]) -> None:
    for does in ({"STARTTLS": "454 4.7.0 not now"}, {"STARTTLS": "220 go", "AUTH": "235 fine"}):
        hello = {"EHLO": "250-rude.test\r\n250-STARTTLS\r\n250 AUTH PLAIN"}
        with RudeServer({**hello, **does}, always=True) as server:
            url = f"smtp://ana:secret@127.0.0.1:{server.port}?starttls=1"
            with closing(SmtpSender(url, *FROM, timeout=TIMEOUT)) as sender:
                outcome = sender.send(outgoing())
        assert (outcome.kind, server.took) == ("retry", 0)


def test_what_was_whispered_before_tls_is_not_believed_after_it(outgoing: Callable[..., Outgoing]) -> None:
    # given a man in the middle who adds answers to that of STARTTLS
    hello = {"EHLO": "250-rude.test\r\n250-STARTTLS\r\n250 OK"}
    whisper = "220 go\r\n250 rude.test\r\n250 OK\r\n250 OK\r\n354 go\r\n250 queued"
    with RudeServer({**hello, "STARTTLS": whisper}, always=True) as server:
        url = f"smtp://127.0.0.1:{server.port}?starttls=1"
        with closing(SmtpSender(url, *FROM, timeout=TIMEOUT)) as sender:
            assert sender.send(outgoing()).kind == "retry"
