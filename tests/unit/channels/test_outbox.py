"""The outbox folder: files a person can open, one per attempt, whatever the data holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.channels.providers.outbox import OutboxSender, slug
from engine.model.message import Outgoing, Rendered

AT = 1_775_297_700_000  # 2026-04-04 10:15:00 UTC
Make = Callable[..., Outgoing]


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and ".attempts" not in path.parts)


def test_an_email_is_the_true_page_under_its_envelope(outgoing: Make, tmp_path: Path) -> None:
    outcome = OutboxSender(tmp_path, "Fernhill <hello@fernhill.example>").send(outgoing())

    assert outcome.kind == "accepted"
    path = tmp_path / outcome.provider_id
    assert path.parent.name == "2026-04-04"
    assert path.name.startswith("101500-email-basket_reminder-ana-nunez-")
    assert path.suffix == ".html"
    page = path.read_text("utf-8")
    assert page.startswith("<html><body class='x'><div data-outbox")
    assert page.endswith("<p>Yours</p></body></html>")
    assert "Hi &lt;Ana&gt;" in page
    assert "Fernhill &lt;hello@fernhill.example&gt;" in page
    assert "Yours &amp; only" in page


def test_a_page_without_a_body_tag_still_shows_both(outgoing: Make, tmp_path: Path) -> None:
    rendered = Rendered("m", "email", "en", {"subject": "S", "html": "<p>bare</p>"})

    outcome = OutboxSender(tmp_path).send(outgoing(rendered=rendered))

    page = (tmp_path / outcome.provider_id).read_text("utf-8")
    assert page.startswith("<div data-outbox")
    assert page.endswith("<p>bare</p>")


def test_an_sms_is_a_text_file(outgoing: Make, tmp_path: Path) -> None:
    outcome = OutboxSender(tmp_path).send(outgoing("sms", label="Ana\nto: nobody", address="+33612345678"))

    path = tmp_path / outcome.provider_id
    assert path.suffix == ".txt"
    head, _, body = path.read_text("utf-8").partition("\n\n")
    assert "to: +33612345678" in head.splitlines()
    assert "customer: Ana to: nobody" in head.splitlines()
    assert body == "Votre panier vous attend à Lyon\n"


@pytest.mark.parametrize("channel", ["push", "store"])
def test_other_channels_are_json_with_all_their_parts(outgoing: Make, tmp_path: Path, channel: str) -> None:
    message = outgoing(channel, expires=AT + 60_000)

    outcome = OutboxSender(tmp_path).send(message)

    path = tmp_path / outcome.provider_id
    assert path.suffix == ".json"
    data = json.loads(path.read_text("utf-8"))
    assert data["parts"] == message.rendered.parts
    assert data["expires"] == "2026-04-04T10:16:00+00:00"


def test_the_same_attempt_rewrites_its_file_even_a_day_later(outgoing: Make, tmp_path: Path) -> None:
    sender = OutboxSender(tmp_path)

    first = sender.send(outgoing())
    again = OutboxSender(tmp_path).send(outgoing(at=AT + 86_400_000))

    assert again == first
    assert len(files(tmp_path)) == 1


def test_another_attempt_of_the_same_second_gets_its_own_file(outgoing: Make, tmp_path: Path) -> None:
    sender = OutboxSender(tmp_path)

    sender.send(outgoing())
    sender.send(outgoing(attempt_id="p007-ab12.email.2"))

    assert len(files(tmp_path)) == 2


def test_many_writers_of_one_attempt_leave_one_whole_file(outgoing: Make, tmp_path: Path) -> None:
    def write(delay: int) -> str:
        return OutboxSender(tmp_path).send(outgoing(at=AT + delay * 1000)).provider_id

    with ThreadPoolExecutor(8) as pool:
        places = set(pool.map(write, range(40)))

    assert len(places) == 1
    assert files(tmp_path) == [tmp_path / places.pop()]


@pytest.mark.parametrize(
    "hostile", ["../../x", "/etc/passwd", "a\x00b", "..", "", "é" * 300, "\ud800", "con:\\|*?", "名前"]
)
def test_no_label_leaves_the_folder(outgoing: Make, tmp_path: Path, hostile: str) -> None:
    folder = tmp_path / "outbox"
    message = outgoing("sms", label=hostile, message=hostile, profile=hostile or "p", attempt_id=hostile or "a")

    outcome = OutboxSender(folder).send(message)

    assert outcome.kind == "accepted"
    assert [path.parent for path in files(tmp_path)] == [folder / "2026-04-04"]
    assert len(files(tmp_path)[0].name) < 160


def test_a_folder_that_cannot_be_written_is_tried_again_later(outgoing: Make, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    outcome = OutboxSender(tmp_path / "file").send(outgoing())

    assert outcome.kind == "retry"
    assert "cannot be written" in outcome.reason


def test_an_erased_customer_leaves_no_file(outgoing: Make, tmp_path: Path) -> None:
    sender = OutboxSender(tmp_path)
    sender.send(outgoing())
    sender.send(outgoing("sms"))
    kept = sender.send(outgoing("push", profile="c-2"))

    assert sender.forget("c-1") == 2

    assert files(tmp_path) == [tmp_path / kept.provider_id]
    assert sender.forget("c-1") == 0


def test_a_slug_keeps_what_can_be_read() -> None:
    assert slug("Ana Núñez & Co.") == "ana-nunez-co"
    assert slug("///") == "x"
