"""`POST /v1/decisions`: what to say to the customer who is there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from engine.api.auth import Keys
from engine.api.body import as_json, read_body
from engine.api.front import Front
from engine.api.problem import Refused
from engine.api.questions import read_questions
from engine.api.shapes import QUESTION
from engine.runtime.asking.asker import Asker
from engine.runtime.asking.question import AnotherQuestion, Question

PATH = "/v1/decisions"
LARGEST = 200_000
TOGETHER = 5
ASK_EXAMPLE = {
    "profile": {"customer_id": "ana"},
    "placement": "web.home",
    "context": {"intent": "browse"},
    "request_id": "page-7f9c2",
}
_BODY = {
    "requestBody": {"required": True, "content": {"application/json": {"example": ASK_EXAMPLE, "schema": QUESTION}}}
}
_encode = msgspec.json.Encoder().encode


def add_decisions(app: Front, asker: Asker, keys: Keys, budget: float) -> None:
    """Put the route on `app`. `budget` is the time (s) in which an answer must be there."""

    async def told(request: Request) -> bytes:
        keys.require(request, "decide")
        body = await read_body(request, LARGEST, f"A question may have {LARGEST:,} bytes.")
        known = asker.latest.get() if asker.latest.ready else await run_in_threadpool(asker.latest.get)
        asked = read_questions(known.running.plan, as_json(body), budget)
        one = asked[0]
        if len(asked) == 1 and isinstance(one, Question):
            return await _answer(asker, one)
        return await _several(asker, asked)

    app.at_once(PATH, told)

    @app.post(PATH, openapi_extra=_BODY)
    async def decisions(request: Request) -> Response:
        """The next best actions for a customer (or up to 100, as `profiles`) at a placement (or several).

        `explain` tells of every other action why it is left out. The same `request_id` gives the same answer.
        """
        return Response(await told(request), media_type="application/json", headers={"Cache-Control": "no-store"})


async def _answer(asker: Asker, question: Question) -> bytes:
    """The answer to one question. Raises Refused 409."""
    try:
        return await asker.answer(question)
    except AnotherQuestion:
        detail = f"The request_id '{question.request[:60]}' was used for another question: use a new one for each."
        raise Refused(409, "Another question", detail, field="request_id") from None


async def _several(asker: Asker, asked: Sequence[Question | Refused]) -> bytes:
    """The answers to many questions, each of which may fail alone. A few are asked for together: more would keep others
    who ask meanwhile from an answer in time."""
    answers: list[Any] = []
    for first in range(0, len(asked), TOGETHER):
        answers += await asyncio.gather(*[_one_of(asker, each) for each in asked[first : first + TOGETHER]])
    return _encode({"answers": answers})


async def _one_of(asker: Asker, each: Question | Refused) -> Any:
    if isinstance(each, Refused):
        return {"error": {"status": each.status, "title": each.title, "detail": each.detail, **each.more}}
    return msgspec.Raw(await _answer(asker, each))
