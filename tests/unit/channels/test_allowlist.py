"""Who gets real messages while a workspace is tried out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.channels.providers.allowlist import AllowlistSender
from engine.channels.providers.outbox import OutboxSender
from engine.channels.providers.outbox_index import entries, write_index
from engine.model.message import Outgoing, SendOutcome

Make = Callable[..., Outgoing]


class Recorder:
    name = "smtp"
    idempotent = False

    def __init__(self) -> None:
        self.got: list[str] = []
        self.closed = False

    def send(self, outgoing: Outgoing) -> SendOutcome:
        self.got.append(outgoing.address)
        return SendOutcome("accepted", provider_id="real")

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("pattern", "address", "real"),
    [
        ("*@fernhill.example", "ana@fernhill.example", True),
        ("*@fernhill.example", "Ana@Fernhill.Example", True),
        ("*@fernhill.example", "ana@fernhill.example.evil.example", False),
        ("*@fernhill.example", "ana@notfernhill.example", False),
        ("*@fernhill.example", "ana@fernhillxexample", False),  # a full stop is a full stop
        ("*@fernhill.example", "all@evil.example,x@fernhill.example", False),  # a star crosses no @
        ("*@fernhill.example", "a@b@fernhill.example", False),
        ("*@fernhill.example", "ana@fernhill.example\n", False),
        ("ana+*@fernhill.example", "ana+test@fernhill.example", True),
        ("+33612345678", "+33612345678", True),
        ("+33612345678", "+336123456789", False),
        (" +33612345678 ", "+33612345678", True),
        ("aBc", "abc", False),  # a token keeps its case
        ("", "", False),
        ("", "ana@fernhill.example", False),
    ],
)
def test_who_is_on_the_list(outgoing: Make, tmp_path: Path, pattern: str, address: str, real: bool) -> None:
    recorder = Recorder()
    sender = AllowlistSender(recorder, OutboxSender(tmp_path), [pattern])

    outcome = sender.send(outgoing(address=address))

    assert outcome.kind == "accepted"
    assert recorder.got == ([address] if real else [])
    assert outcome.reason.startswith("allowlist: ") is not real
    assert len(list(entries(tmp_path))) == (0 if real else 1)


def test_an_empty_list_lets_nothing_out(tmp_path: Path) -> None:
    assert not AllowlistSender(Recorder(), OutboxSender(tmp_path), []).allows("ana@fernhill.example")


def test_it_promises_what_the_real_one_promises_and_closes_it(tmp_path: Path) -> None:
    recorder = Recorder()
    sender = AllowlistSender(recorder, OutboxSender(tmp_path), ["*"])

    sender.close()

    assert (sender.name, sender.idempotent, recorder.closed) == ("smtp", False, True)


def test_a_full_disk_keeps_both_reasons(outgoing: Make, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    outcome = AllowlistSender(Recorder(), OutboxSender(tmp_path / "file"), []).send(outgoing())

    assert outcome.kind == "retry"
    assert outcome.reason.startswith("allowlist: ")
    assert "cannot be written" in outcome.reason


def test_the_index_lists_the_newest_first(outgoing: Make, tmp_path: Path) -> None:
    sender = OutboxSender(tmp_path)
    first = sender.send(outgoing("sms")).provider_id
    last = sender.send(outgoing("push", at=1_775_297_700_000 + 86_400_000)).provider_id

    assert [(entry.channel, entry.path) for entry in entries(tmp_path)] == [("push", last), ("sms", first)]
    assert next(entries(tmp_path)).time == "10:15:00"
    page = write_index(tmp_path).read_text("utf-8")
    assert page.index(last) < page.index(first)
    assert "2 messages" in page
    assert write_index(tmp_path).read_text("utf-8") == page


def test_an_outbox_that_does_not_exist_yet_is_empty(tmp_path: Path) -> None:
    assert list(entries(tmp_path / "none")) == []
