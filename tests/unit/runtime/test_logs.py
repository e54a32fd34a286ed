"""Logs: nothing personal in them, and one JSON object a line when asked for."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.runtime.logs import scrubbed, set_up_logs
from engine.settings import load


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("550 <ana.martin@fernhill.example>: unknown", "550 <<email>>: unknown"),
        ("to=ana+x@mail.example.org, retry", "to=<email>, retry"),
        ("+33 6 12 34 56 78 is no mobile", "<phone> is no mobile"),
        ("call 0033612345678.", "call <phone>."),
        ("order 20260302181000 of 2026-03-02T18:10:00Z", "order 20260302181000 of 2026-03-02T18:10:00Z"),
        ("m1fab12-email-1 of c2e13238d2890d2efe874105e", "m1fab12-email-1 of c2e13238d2890d2efe874105e"),
        ("advance-4711@machine", "advance-4711@machine"),
        ("no broker at amqp://me:hush@mq.example:5672/", "no broker at amqp://mq.example:5672/"),
        ("redis+socket://:hush@/run/redis.sock", "redis+socket:///run/redis.sock"),
    ],
)
def test_addresses_are_taken_out_and_ids_stay(text: str, clean: str) -> None:
    assert scrubbed(text) == clean


def test_a_line_of_json_has_its_ids_and_its_process(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logs(load(workspace=tmp_path, log_format="json"), "deliver")
    logging.getLogger("parcours.messages").warning("not handed over", extra={"attempt_id": "m1-email-1", "ms": 3.5})
    line = json.loads(capfd.readouterr().err)
    assert (line["event"], line["process"], line["level"]) == ("not handed over", "deliver", "warning")
    assert (line["attempt_id"], line["ms"], line["logger"]) == ("m1-email-1", 3.5, "parcours.messages")


def test_an_exception_is_logged_without_the_address_in_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logs(load(workspace=tmp_path), "deliver")
    try:
        raise ValueError("ana@fernhill.example cannot be +33612345678")
    except ValueError:
        logging.getLogger("any.package").exception("it failed for %s", "ana@fernhill.example")
    said = capfd.readouterr().err
    assert "ValueError: <email> cannot be <phone>" in said
    assert "it failed for <email>" in said


def test_the_level_is_kept_and_doorbells_are_not_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    set_up_logs(load(workspace=tmp_path, log_level="warning"), "api")
    logging.getLogger("parcours.messages").info("handed over")
    logging.getLogger("celery.app.trace").info("Task parcours.advance succeeded")
    assert capfd.readouterr().err == ""
