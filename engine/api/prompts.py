"""Prompts for the people in a store: what its tablets show as it happens, and what associates say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI, Request
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from engine.api.auth import Keys
from engine.api.body import read_json
from engine.api.problem import Refused
from engine.api.prompt_data import claim_data, sse, table_data, told
from engine.model.event import OUTCOMES
from engine.runtime.answers import Undecided, answered
from engine.runtime.engine import Engine
from engine.runtime.prompt_feed import Listener, PromptFeed
from engine.runtime.store_prompts import Standing, place

HEARTBEAT = 15.0  # seconds of silence after which a comment says that the line is alive
LONGEST = 200
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def add_prompts(app: FastAPI, engine: Engine, keys: Keys, feed: PromptFeed) -> None:
    """Put the routes on `app`."""

    @app.get("/v1/stores/{store}/prompts")
    async def prompts(request: Request, store: str) -> Response:
        """What a store shows, and everything that happens to it, as server-sent events.

        `Last-Event-ID` goes on after that event. With `Accept: application/json`, what it shows now as one answer.
        """
        keys.require(request, "prompt", store=_short("store", store))
        if "application/json" in request.headers.get("accept", ""):
            table = await run_in_threadpool(engine.store.prompts.table, store)
            return JSONResponse(table_data(store, table), headers={"Cache-Control": "no-store"})
        told_already, loop, awake = _event_id(request), asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(awake.set)

        listener = Listener(store, wake)
        await run_in_threadpool(feed.join, listener, told_already)
        return _Stream(feed, listener, awake)

    @app.post("/v1/prompts/{prompt}/claim")
    async def claim(request: Request, prompt: str) -> Response:
        """An associate takes a prompt: `{"associate": "marie"}`. Saying it again changes nothing."""
        who, store, _ = await _meant(request, prompt)
        found = await run_in_threadpool(engine.store.prompts.claim, store, prompt, who)
        return JSONResponse({"id": prompt, "store": store, "claim": claim_data(_mine(found))})

    @app.post("/v1/prompts/{prompt}/release")
    async def release(request: Request, prompt: str) -> Response:
        """Whoever has taken a prompt lets go of it: `{"associate": "marie"}`."""
        who, store, _ = await _meant(request, prompt)
        found = await run_in_threadpool(engine.store.prompts.release, store, prompt, who)
        if found.word != "free":
            _mine(found)
        return JSONResponse({"id": prompt, "store": store, "claim": None})

    @app.post("/v1/prompts/{prompt}/outcome")
    async def outcome(request: Request, prompt: str) -> Response:
        """What became of it: `{"associate": "marie", "outcome": "accepted"}`; declined, not_relevant or no_time."""
        who, store, body = await _meant(request, prompt)
        word = body.get("outcome")
        if word not in OUTCOMES:
            raise Refused(422, "Not valid", f"outcome: say one of {', '.join(OUTCOMES)}.", field="outcome")
        try:
            found = await run_in_threadpool(answered, engine, store, prompt, who, word)
        except Undecided as fault:
            raise Refused(503, "Not taken", str(fault)) from None
        _mine(found)
        return JSONResponse({"id": prompt, "store": store, "outcome": word, "associate": who})

    async def _meant(request: Request, prompt: str) -> tuple[str, str, dict[str, Any]]:
        """Who speaks, and the store that shows the prompt. Raises Refused."""
        key = keys.require(request, "prompt")
        body = await read_json(request)
        who = body.get("associate") if isinstance(body, dict) else None
        if not isinstance(who, str) or not who.strip() or len(who) > LONGEST or not who.isprintable():
            raise Refused(422, "Who?", 'Say who it is: {"associate": "marie"}.', field="associate")
        store = await run_in_threadpool(engine.store.prompts.store_of, _short("prompt", prompt))
        if not store or (key.store and key.store != store):
            raise Refused(404, "No such prompt", "No store shows a prompt of this id.")
        return who.strip(), store, body


class _Stream(EventSourceResponse):
    """One till's stream, until it goes, falls behind or the process ends."""

    def __init__(self, feed: PromptFeed, listener: Listener, awake: asyncio.Event) -> None:
        super().__init__(_told(listener, awake), headers=STREAM_HEADERS)
        self._feed, self._listener = feed, listener

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._feed.leave(self._listener)


async def _told(listener: Listener, awake: asyncio.Event) -> AsyncIterator[bytes]:
    yield b"retry: 1000\n\n"
    if listener.table is not None:
        yield sse("prompts", table_data(listener.store_id, listener.table), listener.table.last)
    while True:
        try:
            await asyncio.wait_for(awake.wait(), HEARTBEAT)
        except TimeoutError:
            yield KEEPALIVE_COMMENT
        awake.clear()
        for event in listener.take():
            yield told(listener.store_id, event)
        if listener.over:
            return


def _event_id(request: Request) -> str:
    """The event after which a till goes on; '' for none, or for what is no id of ours."""
    given = request.headers.get("last-event-id", "")
    try:
        place(given)
    except ValueError:
        return ""
    return given


def _short(name: str, value: str) -> str:
    if len(value) > LONGEST:
        raise Refused(422, "Not valid", f"{name}: {LONGEST} characters are the most.", field=name)
    return value


def _mine(found: Standing) -> Standing:
    """`found` when the prompt is the caller's. Raises Refused with who has it, since when."""
    if found.word == "yours":
        return found
    claim = claim_data(found)
    if found.word == "taken":
        raise Refused(409, "Taken", f"{found.by} has taken it.", standing="taken", claim=claim)
    if found.word == "answered":
        detail = f"{found.by} has answered it: {found.outcome}."
        raise Refused(409, "Answered", detail, standing="answered", outcome=found.outcome, claim=claim)
    if found.word == "free":
        raise Refused(409, "Not claimed", "Nobody has taken it.", standing="free")
    why = f"it was withdrawn ({found.by})" if found.word == "withdrawn" else "its time is over"
    raise Refused(410, "Not shown any more", f"The store does not show it any more: {why}.", standing=found.word)
