"""What `parcours up` says before it starts anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.define.workspace import compile_sources
from engine.model.errors import SetupError
from engine.runtime.filelock import FileLock
from engine.runtime.senders import lacking
from engine.settings import load
from tests.story import QUIET, workspace

JOURNEY = "journey: j\nstart: {event: booked}\nsteps: [{send: m1, via: [email, push, store]}]\n"


def test_a_live_delivery_without_providers_is_said_for_each_channel_that_is_used(tmp_path: Path) -> None:
    plan = compile_sources(workspace(JOURNEY, policies=QUIET + "  delivery: live\n")).sound().plan
    said = lacking(load(workspace=tmp_path), plan)
    assert "Nothing can leave by email: set PARCOURS_SMTP_URL" in said
    assert "Nothing can leave by push: set PARCOURS_PUSH_URL" in said
    assert "sms" not in said


def test_files_need_no_provider(tmp_path: Path) -> None:
    plan = compile_sources(workspace(JOURNEY)).sound().plan
    assert lacking(load(workspace=tmp_path), plan) == ""


def test_one_workspace_is_run_once(tmp_path: Path) -> None:
    lock = tmp_path / "up.lock"
    with FileLock(lock, "it runs"), pytest.raises(SetupError, match="it runs"), FileLock(lock, "it runs"):
        pass
    with FileLock(lock, "it runs"):
        pass


def test_a_lock_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    with pytest.raises(SetupError, match="cannot be written"), FileLock(tmp_path / "a file" / "up.lock", "it runs"):
        pass


def test_a_port_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARCOURS_SMTP_URL", "smtp://u:pw@mail:port")
    with pytest.raises(SetupError, match="PARCOURS_SMTP_URL cannot be used: its port is no number"):
        load()


def test_live_marketing_mail_without_an_unsubscribe_link_does_not_start(tmp_path: Path) -> None:
    text = workspace(JOURNEY.replace("[email, push, store]", "email"), policies=QUIET + "  delivery: live\n")
    text["journeys/brand.yaml"] = "brand: {name: S, sender: {email: hello@shop.example, name: S}}\n"
    plan = compile_sources(text).plan
    assert plan is not None
    mail = {"workspace": tmp_path, "smtp_url": "smtp://localhost"}
    links = {"public_url": "https://links.shop.example", "link_secret": "long-enough-to-be-one"}

    assert "set PARCOURS_PUBLIC_URL and PARCOURS_LINK_SECRET" in lacking(load(**mail), plan)
    assert "set PARCOURS_LINK_SECRET," in lacking(load(**mail, public_url="https://links.shop.example"), plan)
    assert lacking(load(**mail, **links), plan) == ""
    assert "at least 16 characters" in lacking(load(**mail, **{**links, "link_secret": "short"}), plan)
    assert lacking(load(**mail, delivery="allowlist"), plan) == ""  # our own people
