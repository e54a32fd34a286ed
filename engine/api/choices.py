"""`/u/...` and `/p/...`: unsubscribing and the preference page, by the signed link of a message, without a login.

A GET changes nothing: mail gateways fetch links. The POST of a mail program (RFC 8058) and of our own button
unsubscribe at once, as often as they come. To switch something on takes a form that we have just shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

import msgspec
from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse, Response

from engine.api.excuse import Customers
from engine.api.limit import Limit
from engine.api.page import language, page
from engine.api.problem import Refused
from engine.channels.masked import masked
from engine.channels.signed_link import BadLink, LinkSigner, Unsubscribe
from engine.model.plan import Plan
from engine.render.renderer import Renderer
from engine.runtime.choices import Cell, Choices, choose, look
from engine.runtime.clock import wall
from engine.runtime.engine import Engine
from engine.runtime.own_links import PREFERENCES_PAGE, UNSUBSCRIBE_PAGE

LONGEST_FORM = 65_536
FORM_LASTS = 3600  # seconds
_UNSUBSCRIBED, _ONE_CLICK, _CENTRE = "unsubscribe page", "one-click", "preference page"


class Form(msgspec.Struct, array_like=True, frozen=True):
    """A form as we showed it: by which link, how things stood, in which language, when (epoch s)."""

    link: str
    mark: str
    locale: str
    shown: int


class Pages:
    """What the routes do, in a thread."""

    def __init__(self, engine: Engine, signing: LinkSigner, customers: Customers) -> None:
        self._engine, self._signing, self._running = engine, signing, customers.running
        self._links, self._strangers = Limit(60), Limit(120)

    def unsubscribe(self, request: Request, token: str, body: bytes | None) -> Response:
        """GET (`body` None) or POST of /u/."""
        running, renderer = self._running()
        link = self._link(request, token)
        if link is None:
            return _broken(renderer, request)
        choices = look(self._engine, link)
        one_click = body is not None and b"List-Unsubscribe" in body and b"One-Click" in body
        asked = choices.asked()
        if body is not None:
            no = {(each.channel, each.purpose): False for each in asked}
            choose(self._engine, choices, no, _ONE_CLICK if one_click else _UNSUBSCRIBED)
        if one_click:
            return PlainTextResponse("Unsubscribed.\n", headers={"Cache-Control": "no-store"})
        locale = language(renderer, request, choices.locale)
        done = body is not None or (bool(asked) and all(each.state == "denied" for each in asked))
        values = {
            "done": done,
            "purpose": ", ".join(_title(running, each.purpose, locale, renderer.locales[0]) for each in asked),
            "address": masked(link.channel, link.address),
            "other": f"{PREFERENCES_PAGE}{token}?lang={locale}",
        }
        return page(renderer, "unsubscribe", locale, values)

    def preferences(self, request: Request, token: str, body: bytes | None) -> Response:
        """GET (`body` None) or POST of /p/."""
        running, renderer = self._running()
        link = self._link(request, token)
        if link is None:
            return _broken(renderer, request)
        choices, said = look(self._engine, link), ""
        locale = language(renderer, request, choices.locale)
        if body is not None:
            said = self._save(renderer, running, choices, token, body)
            choices = look(self._engine, link)
        groups = list(_groups(renderer, running, choices, locale))
        form = self._signing.sign(Form(_named(token), choices.mark(), locale, int(wall())))
        values = {"groups": groups, "may_grant": choices.may_grant, "form": form, "said": said}
        return page(renderer, "preferences", locale, values)

    def _save(self, renderer: Renderer, plan: Plan, choices: Choices, token: str, body: bytes) -> str:
        """What to say of it: saved, or again when what the customer saw is not how things stand."""
        if len(body) > LONGEST_FORM:
            raise Refused(413, "Too large", f"A form has up to {LONGEST_FORM:,} bytes.")
        try:
            given = parse_qs(body.decode(), max_num_fields=500)
        except ValueError:
            raise Refused(400, "Not a form", "Send the form of the page.") from None
        if given.get("none"):
            choose(self._engine, choices, dict.fromkeys(choices.cells, False), _CENTRE)
            return "saved"
        try:
            form = self._signing.read((given.get("form") or [""])[0], Form)
        except BadLink:
            return "again"
        old = not 0 <= int(wall()) - form.shown <= FORM_LASTS
        if old or form.link != _named(token) or form.mark != choices.mark():
            return "again"
        yes = set(given.get("yes") or [])
        # what nobody has touched is no word: an unknown stays unknown
        boxes = {cell: "/".join(cell) in yes for cell in choices.cells}
        wanted = {cell: on for cell, on in boxes.items() if on != (choices.cells[cell].state == "granted")}
        wording = {cell: _wording(renderer, plan, cell, form.locale) for cell in wanted}
        choose(self._engine, choices, wanted, _CENTRE, wording)
        return "saved"

    def _link(self, request: Request, token: str) -> Unsubscribe | None:
        """What the link says; None when it is none of ours. Raises Refused 429."""
        try:
            link = self._signing.read(token, Unsubscribe)
        except BadLink:
            # by address, but only who guesses: the servers of a mail provider unsubscribe thousands
            self._strangers.take(request.client.host if request.client is not None else "")
            return None
        self._links.take(token)
        return link


def add_choices(app: FastAPI, engine: Engine, signing: LinkSigner, customers: Customers) -> None:
    """Put the routes on `app`. They need no key: a signature opens them."""
    pages = Pages(engine, signing, customers)

    @app.api_route(UNSUBSCRIBE_PAGE + "{token}", methods=["GET", "HEAD"], include_in_schema=False)
    async def asked(request: Request, token: str) -> Response:
        """Ask whether to unsubscribe."""
        return await customers.answer(request, pages.unsubscribe, request, token, None)

    @app.post(UNSUBSCRIBE_PAGE + "{token}", include_in_schema=False)
    async def unsubscribed(request: Request, token: str) -> Response:
        """Unsubscribe."""
        return await customers.answer(request, pages.unsubscribe, request, token, await _body(request))

    @app.api_route(PREFERENCES_PAGE + "{token}", methods=["GET", "HEAD"], include_in_schema=False)
    async def shown(request: Request, token: str) -> Response:
        """Show what a customer has agreed to."""
        return await customers.answer(request, pages.preferences, request, token, None)

    @app.post(PREFERENCES_PAGE + "{token}", include_in_schema=False)
    async def saved(request: Request, token: str) -> Response:
        """Save it."""
        return await customers.answer(request, pages.preferences, request, token, await _body(request))


async def _body(request: Request) -> bytes:
    """A form; what is longer than one is cut off, and read no further."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM:
            break
    return body[: LONGEST_FORM + 1]


def _broken(renderer: Renderer, request: Request) -> Response:
    return page(renderer, "broken", language(renderer, request), {}, 404)


def _groups(renderer: Renderer, plan: Plan, choices: Choices, locale: str) -> Iterator[Mapping[str, Any]]:
    """Each purpose with its channels, as the page shows them."""
    for purpose in dict.fromkeys(each.purpose for each in choices.cells.values()):
        mine = [each for each in choices.cells.values() if each.purpose == purpose]
        yield {
            "title": _title(plan, purpose, locale, renderer.locales[0]),
            "choices": [
                {
                    "id": f"{each.channel}-{each.purpose}",
                    "value": f"{each.channel}/{each.purpose}",
                    "on": each.state == "granted",
                    "how": _how(renderer, each.channel, locale),
                    "label": _wording(renderer, plan, (each.channel, purpose), locale),
                    "address": masked(each.channel, each.address),
                }
                for each in mine
            ],
        }


def _wording(renderer: Renderer, plan: Plan, cell: Cell, locale: str) -> str:
    """What a customer agrees to by one choice."""
    channel, purpose = cell
    how = _how(renderer, channel, locale)
    title = _title(plan, purpose, locale, renderer.locales[0])
    tracking = plan.policies.tracking is not None and plan.policies.tracking.purpose == purpose
    return renderer.page("wording", locale, {"how": how, "purpose": title, "learns": tracking}, markup=False).strip()


def _how(renderer: Renderer, channel: str, locale: str) -> str:
    """What a customer calls a channel."""
    return renderer.page("channel", locale, {"channel": channel}, markup=False).strip()


def _title(plan: Plan, purpose: str, locale: str, source: str) -> str:
    titles = plan.policies.purposes[purpose].title if purpose in plan.policies.purposes else {}
    for name in (locale, locale.split("_")[0], source):
        if titles.get(name):
            return titles[name]
    return purpose.replace("_", " ").capitalize()


def _named(token: str) -> str:
    return sha256(token.encode()).hexdigest()[:16]
