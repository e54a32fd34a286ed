"""An e-mail on the wire, read back by the standard library."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.channels.providers.attempt import attempt_of, message_id
from engine.channels.providers.mime import Letterhead
from engine.model.message import Outgoing, Rendered

Make = Callable[..., Outgoing]
HEAD = Letterhead("Fernhill Été", "hello@fernhill.example")


def read(letter: bytes) -> EmailMessage:
    return message_from_bytes(letter, policy=policy.default)


def test_both_bodies_come_back_as_they_were(outgoing: Make) -> None:
    html = "<html>\n<body>  Été — 50 % = good \n" + "<td>long</td>" * 40 + "</body></html>\n"

    mail = read(HEAD.letter(outgoing(html=html, text="Été\r\n.\nFrom here\n"), "ana@example.com", None))

    assert mail.get_content_type() == "multipart/alternative"
    text, page = mail.iter_parts()
    assert (text.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    assert text.get_payload(decode=True) == "Été\r\n.\r\nFrom here\r\n".encode()
    assert page.get_payload(decode=True) == html.replace("\n", "\r\n").encode()
    assert mail["From"].addresses[0].display_name == "Fernhill Été"
    assert mail["To"] == "ana@example.com"
    assert mail["Date"].datetime.isoformat() == "2026-04-04T10:15:00+00:00"
    assert mail["Message-ID"] == "<p007-ab12.email.1@fernhill.example>"


def test_no_line_is_longer_than_mail_allows(outgoing: Make) -> None:
    letter = HEAD.letter(outgoing(subject="é" * 300, html="y" * 5000), "ana@example.com", None)

    assert max(map(len, letter.split(b"\r\n"))) <= 78
    assert letter.count(b"\n") == letter.count(b"\r\n")


def test_a_message_of_one_part_is_not_multipart(outgoing: Make) -> None:
    mail = read(HEAD.letter(outgoing(html="", text="only"), "ana@example.com", None))

    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().strip() == "only"


def test_a_body_cannot_end_the_message_early(outgoing: Make) -> None:
    mail = read(HEAD.letter(outgoing(text="--=_parcours--\nstill text"), "ana@example.com", None))

    assert len(list(mail.iter_parts())) == 2
    assert "still text" in next(iter(mail.iter_parts())).get_content()


def test_one_click_unsubscribe(outgoing: Make) -> None:
    mail = read(HEAD.letter(outgoing(), "ana@example.com", "https://fernhill.example/u/abc?x=1&y=2"))

    assert mail["List-Unsubscribe"] == "<https://fernhill.example/u/abc?x=1&y=2>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "List-Unsubscribe" not in read(HEAD.letter(outgoing(), "ana@example.com", None))


def test_a_mailto_cannot_be_clicked_by_a_machine(outgoing: Make) -> None:
    mail = read(HEAD.letter(outgoing(), "ana@example.com", "mailto:stop@fernhill.example"))

    assert "List-Unsubscribe-Post" not in mail


@pytest.mark.parametrize("hostile", ["a\r\nBcc: all@example.com", "a\nBcc: x", "a\x00b", "a\u2028Bcc: x", "\ud800"])
def test_no_value_adds_a_header(outgoing: Make, hostile: str) -> None:
    letter = Letterhead(hostile, "hello@fernhill.example").letter(
        outgoing(subject=hostile, attempt_id=hostile), "ana@example.com", f"https://fernhill.example/{hostile}"
    )

    assert set(read(letter).keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Unsubscribe", "List-Unsubscribe-Post",
        "Content-Type",
    }  # fmt: skip


@pytest.mark.parametrize("subject", ["Your basket", "Été à Lyon 🥾", "=?utf-8?q?fake?=", "x" * 2000, "日本語" * 60, ""])
def test_a_subject_is_read_as_it_was_written(outgoing: Make, subject: str) -> None:
    assert read(HEAD.letter(outgoing(subject=subject), "ana@example.com", None))["Subject"] == subject


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(st.text(), st.text(), st.text())
def test_any_text_survives(subject: str, text: str, html: str) -> None:
    parts = {"subject": subject, "text": "t" + text, "html": "h" + html}
    whole = Outgoing(
        "a", "m", "p", "", "", "", "m", "email", "ana@example.com", "x", 0, None, Rendered("m", "email", "en", parts)
    )

    mail = read(HEAD.letter(whole, "ana@example.com", None))

    bodies = [cast(bytes, part.get_payload(decode=True)).decode() for part in mail.iter_parts()]
    expected = [_lines(parts["text"]), _lines(parts["html"])]
    assert [_lines(body) for body in bodies] == expected


def _lines(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")


@settings(max_examples=50, deadline=None)
@given(st.text(min_size=1))
def test_a_message_id_leads_back_to_its_attempt(attempt: str) -> None:
    header = message_id(attempt, "fernhill.example")

    assert attempt_of(header) == attempt
    assert header.isascii()
    assert not any(sign.isspace() for sign in header)


def test_an_ordinary_attempt_id_stays_readable() -> None:
    assert message_id("p007-ab12.email.1", "fernhill.example") == "<p007-ab12.email.1@fernhill.example>"
    assert attempt_of("nonsense") is None
