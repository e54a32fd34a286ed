"""`POST /v1/decisions`: what to say to the customer who is there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from engine.api.auth import Keys
from engine.api.body import as_json, read_body
from engine.api.problem import Refused
from engine.api.questions import read_questions, who_is
from engine.define.actions import OUTCOMES
from engine.define.doc import did_you_mean
from engine.runtime.asking.asker import Asker
from engine.runtime.asking.outcomes import NobodyKnown
from engine.runtime.asking.question import AnotherQuestion, Question
from engine.runtime.store import StoreError

LARGEST = 200_000
THREADS = 8
ASK_EXAMPLE = {
    "profile": {"customer_id": "ana"},
    "placement": "web.home",
    "context": {"intent": "browse"},
    "request_id": "page-7f9c2",
}
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"example": ASK_EXAMPLE, "schema": {}}}}}
_OUTCOME = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"example": {"action": "early_access", "outcome": "shown"}, "schema": {}}},
    }
}
_encode = msgspec.json.Encoder().encode


def add_decisions(app: FastAPI, asker: Asker, keys: Keys, budget: float) -> None:
    """Put the routes on `app`. `budget` is the time (s) in which an answer must be there."""
    threads = ThreadPoolExecutor(THREADS, thread_name_prefix="decisions")

    @app.post("/v1/decisions", openapi_extra=_BODY)
    async def decisions(request: Request) -> Response:
        """The next best actions for a customer (or up to 100, as `profiles`) at a placement (or several).

        `explain` tells of every other action why it is left out. The same `request_id` gives the same answer.
        """
        keys.require(request, "decide")
        body = await read_body(request)
        if len(body) > LARGEST:
            raise Refused(413, "Too large", f"A question may have {LARGEST:,} bytes.")
        loop = asyncio.get_running_loop()
        known = await loop.run_in_executor(threads, asker.latest.get) if not asker.latest.ready else asker.latest.get()
        asked = read_questions(known.running.plan, as_json(body), budget)
        one = asked[0]
        if len(asked) == 1 and isinstance(one, Question):
            return _json(await _in_time(loop, threads, asker, one))
        return _json(await _several(loop, threads, asker, asked))

    @app.post("/v1/decisions/{decision}/outcomes", status_code=202, openapi_extra=_OUTCOME)
    async def outcomes(request: Request, decision: str) -> Response:
        """What became of an action of an answer: `shown`, `accepted`, `declined`, `not_relevant`, `no_time`, `ignored`.

        The same outcome of the same action and decision counts once. It is known to the very next answer.
        """
        keys.require(request, "decide")
        return await run_in_threadpool(_outcome, asker, decision, as_json(await read_body(request)))


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


async def _in_time(
    loop: asyncio.AbstractEventLoop, threads: ThreadPoolExecutor, asker: Asker, question: Question
) -> bytes:
    """The answer, or what is safe to show when there is none in time. Raises Refused 409.

    Only what waits for the store is done in a thread: deciding keeps the processor busy, and threads that take it
    from each other would only make all of them late.
    """
    try:
        begun = loop.time()
        if not asker.quick():
            return await asyncio.wait_for(loop.run_in_executor(threads, asker.ask, question), question.budget)
        found = await asyncio.wait_for(loop.run_in_executor(threads, asker.read, question), question.budget)
        return asker.decide(question, found, begun)
    except TimeoutError:
        return asker.safe(question, "out_of_time")
    except StoreError:
        return asker.safe(question, "store_away")
    except AnotherQuestion:
        raise _another(question) from None


def _another(question: Question) -> Refused:
    detail = f"The request_id '{question.request[:60]}' was used for another question: use a new one for each."
    return Refused(409, "Another question", detail, field="request_id")


async def _several(
    loop: asyncio.AbstractEventLoop, threads: ThreadPoolExecutor, asker: Asker, asked: Sequence[Question | Refused]
) -> bytes:
    """The answers to many questions, each of which may fail alone."""
    made = partial(_in_time, loop, threads, asker)
    answers: list[Any] = []
    for each in asked:
        if isinstance(each, Refused):
            error = {"status": each.status, "title": each.title, "detail": each.detail, **each.more}
            answers.append({"error": error})
        else:
            answers.append(msgspec.Raw(await made(each)))
    return _encode({"answers": answers})


def _outcome(asker: Asker, decision: str, body: Any) -> Response:
    if not isinstance(body, dict):
        raise Refused(422, "Not an outcome", 'An object is wanted: {"action": "early_access", "outcome": "shown"}.')
    action, outcome = body.get("action"), body.get("outcome")
    plan = asker.latest.get().running.plan
    for name in body:
        if name not in ("action", "outcome", "profile"):
            hint = did_you_mean(str(name)[:60], ("action", "outcome", "profile"))
            raise Refused(422, "Not an outcome", f"{str(name)[:60]}: is not part of an outcome. {hint}".strip())
    if not isinstance(action, str):
        raise Refused(422, "Not an outcome", "action: say which action it was.", field="action")
    if outcome not in OUTCOMES:
        raise Refused(422, "Not an outcome", f"outcome: say one of {', '.join(OUTCOMES)}.", field="outcome")
    who = dict(who_is(plan, body["profile"], "profile")[1]) if body.get("profile") is not None else {}
    try:
        new = asker.outcome(decision, action, outcome, who)
    except ValueError:
        raise Refused(404, "No such decision", "No decision has this id: send the decision_id of an answer.") from None
    except LookupError:
        hint = did_you_mean(action[:60], plan.actions)
        detail = f"action: there is no action '{action[:60]}'. {hint}".strip()
        raise Refused(422, "Not an outcome", detail, field="action") from None
    except NobodyKnown:
        detail = "profile: the answer was for a stranger: say who it was, by an identifier."
        raise Refused(422, "Not an outcome", detail, field="profile") from None
    return JSONResponse({"decision_id": decision, "status": "accepted" if new else "duplicate"}, 202)
