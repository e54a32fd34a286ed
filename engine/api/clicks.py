"""`/c/...` and `/o/...`: links of messages that were followed, and the picture that tells of an opening.

A link leads only to what was signed. It leads there whatever is wrong with the store; whether we learn of it is
another matter (engine.runtime.clicks).
"""

from __future__ import annotations

from base64 import b64decode
from urllib.parse import quote

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from engine.api.excuse import Customers
from engine.api.machines import is_machine
from engine.api.problem import Refused
from engine.channels.signed_link import BadLink, LinkSigner
from engine.model.errors import ParcoursError
from engine.runtime.clicks import Followed, follow, learn, opened
from engine.runtime.engine import Engine
from engine.runtime.own_links import CLICK, OPENING
from engine.runtime.store import StoreError

_PICTURE = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
_URL = "!#$%&'()*+,/:;=?@[]~"


def add_clicks(app: FastAPI, engine: Engine, signing: LinkSigner, customers: Customers) -> None:
    """Put the routes on `app`. They need no key: a signature opens them."""

    @app.api_route(CLICK + "{token}", methods=["GET", "HEAD"], include_in_schema=False)
    async def click(request: Request, token: str) -> Response:
        """Lead on to where a link of a message was to lead."""
        return await customers.answer(request, _led, engine, signing, token, is_machine(request))

    @app.api_route(OPENING + "{token}.gif", methods=["GET", "HEAD"], include_in_schema=False)
    async def picture(request: Request, token: str) -> Response:
        """The picture that nobody sees."""
        try:
            message = opened(signing, token)
        except BadLink:
            raise _nothing() from None
        if not is_machine(request):
            await run_in_threadpool(_learnt, engine, message, None)
        return Response(_PICTURE, headers=_HEADERS, media_type="image/gif")


def _led(engine: Engine, signing: LinkSigner, token: str, machine: bool) -> Response:
    address = _followed(engine, signing, token, machine)
    return Response(status_code=302, headers={**_HEADERS, "Location": quote(address, safe=_URL)})


def _followed(engine: Engine, signing: LinkSigner, token: str, machine: bool) -> str:
    try:
        found = follow(engine.store, signing, token)
    except BadLink:
        raise _nothing() from None
    if not found.address:
        return _instead(engine, found)
    if not machine:
        _learnt(engine, found.message, found.address)
    return found.address


def _learnt(engine: Engine, message: str, link: str | None) -> None:
    try:
        learn(engine, message, link)
    except (StoreError, ParcoursError):
        return  # whoever follows a link wants to arrive


def _instead(engine: Engine, found: Followed) -> str:
    """A short link of more than thirty days ago: the shop's front door."""
    home = (engine.running().plan.brand.get("links") or {}).get("home", "")
    if not home.startswith(("http://", "https://")) or "{" in home:
        raise Refused(410, "Gone", "This link is over thirty days old. Where it led is not kept any longer.")
    return str(home)


def _nothing() -> Refused:
    return Refused(404, "Not found", "This link was not made here, or was changed on its way. Copy the whole of it.")
