"""`POST /v1/decisions/{decision}/outcomes`: what became of an action of an answer."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from engine.api.auth import Keys
from engine.api.body import as_json, read_body
from engine.api.problem import Refused
from engine.api.questions import who_is
from engine.api.shapes import OUTCOME
from engine.define.actions import OUTCOMES
from engine.define.doc import did_you_mean
from engine.runtime.asking.asker import Asker
from engine.runtime.asking.outcomes import NobodyKnown, NotShown, SomebodyElse

_OUTCOME = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"example": {"action": "early_access", "outcome": "shown"}, "schema": OUTCOME}},
    }
}


def add_outcomes(app: FastAPI, asker: Asker, keys: Keys) -> None:
    """Put the route on `app`."""

    @app.post("/v1/decisions/{decision}/outcomes", status_code=202, openapi_extra=_OUTCOME)
    async def outcomes(request: Request, decision: str) -> Response:
        """What became of an action of an answer: `shown`, `accepted`, `declined`, `not_relevant`, `no_time`, `ignored`.

        The same outcome of the same action and decision counts once. It is known to the very next answer.
        """
        keys.require(request, "decide")
        return await run_in_threadpool(_outcome, asker, decision, as_json(await read_body(request)))


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
    whom, links = who_is(plan, body.get("profile"), "profile")
    try:
        new = asker.outcome(decision, action, outcome, dict(links), whom)
    except ValueError:
        raise Refused(404, "No such decision", "No decision has this id: send the decision_id of an answer.") from None
    except LookupError:
        hint = did_you_mean(action[:60], plan.actions)
        detail = f"action: there is no action '{action[:60]}'. {hint}".strip()
        raise Refused(422, "Not an outcome", detail, field="action") from None
    except NotShown:
        detail = f"action: this decision has not shown '{action[:60]}': send the decision_id of the answer that has."
        raise Refused(422, "Not an outcome", detail, field="action") from None
    except SomebodyElse:
        detail = "profile: the decision was about somebody else."
        raise Refused(422, "Not an outcome", detail, field="profile") from None
    except NobodyKnown:
        detail = "profile: the answer was for a stranger: say who it was, by an identifier."
        raise Refused(422, "Not an outcome", detail, field="profile") from None
    return JSONResponse({"decision_id": decision, "status": "accepted" if new else "duplicate"}, 202)
