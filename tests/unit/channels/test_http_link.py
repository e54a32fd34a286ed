"""What a provider's server may answer to a post, and what is made of it."""

from __future__ import annotations

import pytest

from engine.channels.providers.http_link import Heard, Unreadable, request

CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
TWO = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


def heard(answer: bytes, piece: int) -> Heard:
    found = Heard()
    for place in range(0, len(answer), piece):
        found.feed(answer[place : place + piece])
    return found


@pytest.mark.parametrize("piece", [1, 7, 100_000])
@pytest.mark.parametrize(
    ("answer", "status", "body", "whole", "stays"),
    [
        (b"HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\nok", 202, b"ok", True, True),
        (CHUNKED + b"2\r\nok\r\n1\r\n!\r\n0\r\n\r\n", 200, b"ok!", True, True),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Made\r\ncontent-length: 0\r\n\r\n", 201, b"", True, True),
        (b"HTTP/1.1 204 Nothing\r\n\r\n", 204, b"", True, True),
        (b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok", 200, b"ok", True, False),
        (b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", 200, b"ok", True, False),
        # until the server closes the connection
        (b"HTTP/1.1 200 OK\r\n\r\nall that comes", 200, b"all that comes", False, False),
        # cut short
        (b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nonly this", 200, b"only this", False, True),
        # line ends as no standard has them
        (b"HTTP/1.1 200 OK\ncontent-length: 2\n\nok", 200, b"ok", True, True),
        # what comes behind it belongs to nobody's request
        (TWO + b"HTTP/1.1 500 Bad\r\ncontent-length: 0\r\n\r\n", 200, b"ok", True, False),
    ],
)  # fmt: skip
def test_an_answer_is_read(answer: bytes, status: int, body: bytes, whole: bool, stays: bool, piece: int) -> None:
    found = heard(answer, piece)
    assert (found.status, found.body, found.whole, found.stays) == (status, body, whole, stays)


@pytest.mark.parametrize(
    "answer",
    [
        b"220 mail.example ESMTP\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 30_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 5_000,
    ],
)
def test_what_is_no_answer_is_refused(answer: bytes) -> None:
    with pytest.raises(Unreadable):
        heard(answer, 1_000)


def test_a_long_body_is_cut_and_its_connection_given_up() -> None:
    found = Heard()
    found.feed(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000)
    with pytest.raises(Unreadable):
        found.feed(b"x" * 100_000)
    assert (found.status, len(found.body), found.whole) == (200, 65_536, False)


def test_a_header_cannot_begin_another_one() -> None:
    with pytest.raises(ValueError, match="more than one line"):
        request("a.example", "/", {"webhook-id": "1\r\nx: y"}, b"")
