"""The table of HTTP errors in docs/operations.md: each is provoked, and there is no other."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from engine.api.app import create_app
from engine.api.auth import Keys
from engine.define.folder import read_folder
from engine.define.workspace import compile_sources
from engine.model.errors import SetupError
from engine.model.event import Event
from engine.model.plan import Plan
from engine.runtime.engine import Engine
from engine.runtime.ingest import Accepted
from tests.unit.docs.pages import ROOT

KEY = {"Authorization": "Bearer key"}
EVENT = '{"id": "1", "event": "case_closed", "at": "2026-03-02T14:00:00Z", "profile": {"customer_id": "ana"}}'
PROVOKED: dict[int, list[tuple[str, str, dict[str, str], str]]] = {
    202: [
        ("POST", "/v1/events", KEY, EVENT),
        ("POST", "/v1/events", {"X-API-Key": "key"}, f"[{EVENT}]"),
        ("POST", "/v1/events", KEY, f"\ufeff{EVENT}"),
    ],
    400: [("POST", "/v1/events", KEY, ""), ("POST", "/v1/events", KEY, "{")],
    401: [("POST", "/v1/events", {}, EVENT), ("POST", "/v1/events", {"X-API-Key": "other"}, EVENT)],
    403: [("GET", "/v1/journeys", {"X-API-Key": "web"}, "")],
    404: [("GET", "/nothing", KEY, "")],
    405: [("GET", "/v1/events", KEY, "")],
    409: [],  # needs a store: see tests/contract/test_stops.py
    410: [],  # needs a store: see tests/contract/test_prompts.py
    413: [("POST", "/v1/events", KEY, " " * 5_000_001), ("POST", "/v1/events", KEY, f"[{','.join([EVENT] * 1_001)}]")],
    415: [("POST", "/v1/events", KEY | {"Content-Encoding": "br"}, EVENT)],
    422: [("POST", "/v1/events", KEY, '{"id": "1"}'), ("POST", "/v1/events", KEY, EVENT.replace("closed", "clothed"))],
    503: [],  # needs an engine without a plan: see below
}


@cache
def _plan() -> Plan:
    return compile_sources(read_folder(ROOT)).plan


def ask(method: str, path: str, headers: dict[str, str], body: str, *, plan: bool = True) -> httpx.Response:
    """The answer of the interface over an engine that keeps nothing."""
    running = SimpleNamespace(plan=_plan())

    def current() -> Any:
        if not plan:
            raise SetupError("No plan has been deployed.")
        return running

    def accept(events: Sequence[Event]) -> list[Accepted]:
        return [Accepted(event.id, "c1") for event in events]

    async def call() -> httpx.Response:
        app = create_app(cast(Engine, SimpleNamespace(running=current, accept=accept)), Keys(["key", "ingest:web"]))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://parcours") as client:
            return await client.request(method, path, headers=headers, content=body)

    return asyncio.run(call())


def test_the_table_has_all_statuses() -> None:
    text = (ROOT / "docs/operations.md").read_text("utf-8").partition("<!-- statuses -->")[2].partition("\n\n")[0]

    assert [int(status) for status in re.findall(r"^\| (\d+) ", text, re.MULTILINE)] == [
        s for s in PROVOKED if s != 202
    ]


@pytest.mark.parametrize("status", PROVOKED)
def test_each_is_answered_as_the_page_says(status: int) -> None:
    for method, path, headers, body in PROVOKED[status]:
        answer = ask(method, path, headers, body)
        assert answer.status_code == status, answer.text
        if status >= 400:
            assert answer.headers["content-type"] == "application/problem+json"


def test_without_a_plan_the_answer_is_503() -> None:
    answer = ask("POST", "/v1/events", KEY, EVENT, plan=False)

    assert answer.status_code == 503
    assert "Retry-After" in answer.headers


def test_the_field_that_is_wrong_is_named() -> None:
    answer = ask("POST", "/v1/events", KEY, EVENT.replace("closed", "clothed"))

    assert answer.json()["field"] == "event"
