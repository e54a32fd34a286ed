"""What returned mail says, and that it says nothing about whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.channels.returned import NotAReport, read_returned


def report(status: str, action: str = "failed", said: str = "", kind: str = "delivery-status") -> bytes:
    diagnostic = f"Diagnostic-Code: smtp; {said}\n" if said else ""
    return (
        "From: MAILER-DAEMON@mx.example\nTo: whoever\nSubject: Undelivered\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="B"\n\n'
        "--B\nContent-Type: text/plain\n\nSorry.\n"
        "--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; ana@example.com\nAction: {action}\nStatus: {status}\n{diagnostic}\n"
        "--B\nContent-Type: message/rfc822\n\nReturn-Path: <bounces+x@mail.example>\nSubject: hi\n\nHello\n--B--\n"
    ).encode()


@pytest.mark.parametrize(
    ("status", "action", "said", "what", "dead"),
    [
        ("5.1.1", "failed", "", "failed", True),
        ("5.1.10", "failed", "", "failed", True),
        ("5.2.1", "failed", "", "failed", True),
        ("5.4.4", "failed", "", "failed", True),
        ("5.0.0", "failed", "550 5.1.1 <ana@example.com>: no such user", "failed", True),
        ("5.0.0", "Failed", "550 no such user", "failed", True),
        ("5.1.1", "failed", "550 5.7.1 blocked as spam", "failed", False),  # said by the one who knows
        ("5.2.2", "failed", "552 5.2.2 mailbox full", "failed", False),
        ("5.7.1", "failed", "", "failed", False),
        ("5.3.4", "failed", "", "failed", False),
        ("5.0.0", "failed", "", "failed", False),
        ("5.0.0", "failed", "554 see our page 550", "failed", False),
        ("4.4.7", "failed", "", "failed", False),  # given up after days: nobody said that the address is dead
        ("4.4.1", "delayed", "", "delayed", False),
        ("2.0.0", "delivered", "", "delivered", False),
    ],
)
def test_a_report_says_what_became_of_the_mail(status: str, action: str, said: str, what: str, dead: bool) -> None:
    found = read_returned(report(status, action, said))
    assert (found.what, found.dead) == (what, dead)
    assert status in found.reason


SAMPLES = sorted((Path(__file__).parents[2] / "cases/returned").glob("*.eml"))


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
@pytest.mark.parametrize("ends", [b"\n", b"\r\n"], ids=["lf", "crlf"])
def test_what_the_mail_servers_of_the_world_send(file: Path, ends: bytes) -> None:
    wanted, _, mail = file.read_bytes().partition(b"\n")
    try:
        found = read_returned(mail.replace(b"\n", ends))
        said = f"{found.what}{' for good' if found.dead else ''}"
    except NotAReport:
        said = "nothing"
    assert f"X-Expected: {said}" == wanted.decode()


def test_the_reason_is_what_the_last_server_said() -> None:
    said = {
        file.stem: read_returned(file.read_bytes()).reason
        for file in SAMPLES
        if b"nothing" not in file.read_bytes()[:20]
    }
    assert said["exim_in_words"] == "550 5.1.1 <ana@example.com>: User unknown"
    assert said["qmail"] == "550 5.1.1 <ana@example.com>: no such user"
    assert said["beyond_ascii"] == "5.1.1 550 5.1.1 <zoë@example.com> nobody"
    assert said["exchange"].startswith("5.1.10 550 5.1.10 RESOLVER.ADR.RecipientNotFound")


def test_one_failure_among_several_recipients_counts() -> None:
    both = report("2.0.0", "delivered").replace(
        b"\n--B\nContent-Type: message/rfc822",
        b"\nFinal-Recipient: rfc822; b@example.com\nAction: failed\nStatus: 5.1.1\n\n--B\nContent-Type: message/rfc822",
    )
    assert read_returned(both).dead


def test_a_complaint_shows_where_the_mail_came_from() -> None:
    mail = (
        b'Content-Type: multipart/report; report-type=feedback-report; boundary="B"\n\n'
        b"--B\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: Big/1\nVersion: 1\n"
        b"Original-Mail-From: <bounces+token@mail.example>\n\n"
        b"--B\nContent-Type: text/rfc822-headers\n\nList-Unsubscribe: <https://l.example/u/abc>\nSubject: x\n--B--\n"
    )
    found = read_returned(mail)
    assert (found.what, found.reason) == ("complained", "abuse Big/1")
    assert found.clues == ("<bounces+token@mail.example>", "<https://l.example/u/abc>")
    assert read_returned(mail.replace(b": abuse", b": opt-out")).what == "unsubscribed"
    with pytest.raises(NotAReport, match="not-spam"):
        read_returned(mail.replace(b": abuse", b": not-spam"))


@pytest.mark.parametrize(
    ("mail", "says"),
    [
        (b"", "no delivery report"),
        (b"\x00\xff\xfe" * 1000, "no delivery report"),
        (b"Subject: Away\nAuto-Submitted: auto-replied (vacation)\n\nI am on holiday.\n", "automatic reply"),
        (b"Subject: Hello\n\nStop writing to me\n", "no delivery report"),
        (report("5.1.1", "eaten"), "for no recipient"),
        (report("5.1.1")[:280], "for no recipient"),
        (b"Content-Type: message/delivery-status\n\n", "for no recipient"),
        (b'Content-Type: multipart/report; boundary="' + b"B" * 60_000 + b'"\n\n--', "no delivery report"),
        (b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(1_000)), "."),
    ],
)  # fmt: skip
def test_what_is_no_report_says_why_and_never_fails_otherwise(mail: bytes, says: str) -> None:
    with pytest.raises(NotAReport) as caught:
        read_returned(mail)
    assert says == "." or says in str(caught.value)
