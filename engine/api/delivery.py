"""What became of messages, what was set aside, and broadcasts, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from engine.api.auth import Keys
from engine.api.body import read_json
from engine.api.problem import Refused
from engine.model.errors import SetupError
from engine.runtime import broadcast, dead, messages
from engine.runtime.engine import Engine


def add_delivery(app: FastAPI, engine: Engine, keys: Keys) -> None:
    """Put the routes on `app`."""

    @app.get("/v1/dead")
    async def listed(request: Request, reason: str = "") -> Response:
        """What the engine has set aside, the oldest first; `reason` is a text that is in the reason."""
        keys.require(request, "read")
        return await _answer(lambda: [_short(each) for each in dead.letters(engine.store, reason=reason)])

    @app.get("/v1/dead/{letter}")
    async def one(request: Request, letter: str) -> Response:
        """One dead letter whole, with the trace of the fault."""
        keys.require(request, "read")
        return await _answer(lambda: dead.as_data(dead.letter(engine.store, letter)))

    @app.post("/v1/dead/replay")
    async def replay(request: Request) -> Response:
        """Take letters up again, each once: `{"ids": [...]}`, `{"reason": "..."}` or `{"all": true}`."""
        who = keys.require(request, "operate").who
        body = await read_json(request)
        return await _answer(lambda: {"taken_up": dead.replay(engine.store, _meant(engine, body), who)})

    @app.get("/v1/messages")
    async def latest(
        request: Request, unknown: bool = False, journey: str = "", limit: int = Query(50, ge=1, le=1000)
    ) -> Response:
        """The latest decisions about messages; with `unknown` those that may have arrived, or arrived twice."""
        keys.require(request, "read")
        if unknown:
            return await _answer(lambda: [messages.brief(each) for each in messages.doubtful(engine.store, limit)])
        return await _answer(lambda: [messages.line_of(each) for each in messages.latest(engine.store, limit, journey)])

    @app.get("/v1/messages/{message}")
    async def shown(request: Request, message: str) -> Response:
        """One message: its last attempt, what the provider said, how it stands, and its text."""
        keys.require(request, "read")
        return await _answer(lambda: messages.as_data(messages.message(engine.store, message)))

    @app.get("/v1/broadcasts")
    async def broadcasts(request: Request) -> Response:
        """All broadcasts that are remembered and how far they are, the newest first."""
        keys.require(request, "read")
        return await _answer(lambda: broadcast.as_data(broadcast.broadcasts(engine.store)))

    @app.post("/v1/broadcasts")
    async def start(request: Request) -> Response:
        """Ask for a journey for every customer: `{"journey": "summer_news"}`."""
        keys.require(request, "operate")
        body = await read_json(request)
        journey = body.get("journey") if isinstance(body, dict) else None
        if not isinstance(journey, str):
            raise Refused(422, "Which journey?", 'Send {"journey": "name"}.')
        plan = (await run_in_threadpool(engine.running)).plan
        return await _answer(
            lambda: broadcast.as_data([broadcast.start(engine.store, plan, journey, "http")])[0], status=202, absent=422
        )

    @app.get("/v1/broadcasts/{name}")
    async def far(request: Request, name: str) -> Response:
        """How far one broadcast is."""
        keys.require(request, "read")
        return await _answer(lambda: broadcast.as_data([broadcast.show(engine.store, name)])[0])

    @app.post("/v1/broadcasts/{name}/stop")
    async def stop(request: Request, name: str) -> Response:
        """Reach nobody else with a broadcast."""
        keys.require(request, "operate")
        return await _answer(lambda: broadcast.as_data([broadcast.stop(engine.store, name)])[0])


async def _answer(made: Callable[[], Any], *, status: int = 200, absent: int = 404) -> Response:
    """The answer as JSON; `absent` where what is asked for is not there."""
    try:
        return JSONResponse(await run_in_threadpool(made), status)
    except SetupError as fault:
        raise Refused(absent, "Not there" if absent == 404 else "Not possible", fault.sentence()) from None


def _short(letter: dead.Letter) -> dict[str, Any]:
    data = dead.as_data(letter)
    return {name: data[name] for name in ("id", "at", "profile", "what", "reason")}


def _meant(engine: Engine, body: Any) -> list[dead.Letter]:
    given = {name: body[name] for name in ("ids", "reason", "all") if body.get(name)} if isinstance(body, dict) else {}
    if len(given) != 1:
        raise Refused(422, "Which ones?", 'Send {"ids": [...]}, {"reason": "..."} or {"all": true}.')
    if "ids" in given:
        if not isinstance(given["ids"], list):
            raise Refused(422, "Which ones?", '"ids" is a list of the ids that GET /v1/dead gives.')
        return [dead.letter(engine.store, str(each)) for each in given["ids"]]
    return dead.letters(engine.store, reason=str(given.get("reason", "")))
