"""The console as an application of its own, under /console of the HTTP interface."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from engine.api.auth import Keys
from engine.api.problem import Refused
from engine.console.coming_in import chosen, form_of, here, in_language, locale_of, theme_of
from engine.console.door import Door, whose
from engine.console.drawing import file, part, whole
from engine.console.errors import unhappy
from engine.console.headers import headers
from engine.console.live import Lives, Streams
from engine.console.looking import may_see_people, refused
from engine.console.nav import NAV, PERSONAL, current
from engine.console.page import ROOT, Ask, Page, address
from engine.console.pages import PAGES
from engine.console.turns import LIVE_AT_ONCE, Left, Turns
from engine.console.words import LOCALES, N_, words
from engine.model.errors import ParcoursError, SetupError
from engine.runtime.engine import Engine
from engine.runtime.store import StoreError
from engine.runtime.voice import Voice
from engine.settings import Settings


def add_console(app: FastAPI, engine: Engine, keys: Keys, settings: Settings) -> None:
    """Put the console on `app`; `app.state.end_streams` then ends its streams as well."""
    console = Console(engine, keys, settings)
    app.add_route(ROOT, lambda request: RedirectResponse(address("/"), 303, headers()), include_in_schema=False)
    app.mount(ROOT, console.app)
    others = app.state.end_streams

    def end() -> None:
        others()
        console.streams.end()

    app.state.end_streams = end


class Console:
    """Its routes, and what happens around every page."""

    def __init__(self, engine: Engine, keys: Keys, settings: Settings) -> None:
        self.engine, self.settings = engine, settings
        self.door, self.streams, self.lives = Door(engine.store, keys), Streams(), Lives()
        self.turns, self.looks = Turns(), Turns(LIVE_AT_ONCE)
        methods: dict[str, dict[str, Page]] = {}
        for page in PAGES:
            methods.setdefault(page.path, {})["POST" if page.does else "GET"] = page
        self.app = Starlette(
            routes=[
                Route("/static/{mark}/{name}", _static, methods=["GET"]),
                Route("/sign-in", self._sign_in, methods=["GET", "POST"]),
                Route("/enter", self._enter, methods=["GET", "POST"]),
                Route("/sign-out", self._sign_out, methods=["POST"]),
                *(Route(path, partial(self._page, pages), methods=[*pages]) for path, pages in methods.items()),
            ],
            exception_handlers=dict.fromkeys(
                (Refused, StoreError, ParcoursError, HTTPException, Exception), self._fault
            ),
        )
        self.app.router.redirect_slashes = False  # to the host that the request names, and without our headers

    async def _page(self, pages: Mapping[str, Page], request: Request) -> Response:
        page = pages["POST" if request.method == "POST" else "GET"]
        form = await form_of(request, uploads=page.uploads) if page.does else {}
        if not page.does and "text/event-stream" in request.headers.get("accept", ""):
            who = whose(request)
            return self.streams.stream(who, partial(self._again, who, partial(self._look, page, request)))
        return await self._turn(request, partial(self._answer, page, request, form))

    async def _again(self, who: str, look: Callable[[], str | None]) -> str | None:
        try:
            return await self.looks.take(who, look)
        except Refused:  # too much is asked at once: the next look will do
            return ""

    async def _turn(self, request: Request, do: Callable[[], Response]) -> Response:
        try:
            return await self.turns.take(whose(request), do, request)
        except Left:
            return Response(status_code=204)  # nobody reads it

    def _answer(self, page: Page, request: Request, form: Mapping[str, str]) -> Response:
        ask = self._ask(request, form)
        if ask is None:
            onward = here(request) if not page.does else ""
            return RedirectResponse(address("/sign-in", to=onward), 303, headers())
        if choice := chosen(request):
            return choice
        if page.does and form.get("csrf") != ask.csrf:
            raise Refused(403, "Not from here", N_("This form is too old: go back, and try again."))
        if not ask.may(page.scope):
            if page.does:
                refused(ask, page.path, f"takes {page.scope}")
            raise Refused(403, "Not with this key", N_("Your key is not good for this."))
        found = page.view(ask)
        if isinstance(found, Response):
            return found
        values = self._values(ask, found.values)
        block = request.headers.get("x-part", "")
        html = part(ask.locale, found.template, block, values) if block else None
        return _html(html if html is not None else whole(ask.locale, found.template, values), found.status)

    def _look(self, page: Page, request: Request) -> str | None:
        """The live part of a page, for somebody who is still signed in."""
        ask = self._ask(request, {}, by_itself=True)
        if ask is None or not ask.may(page.scope):
            return None
        try:
            return self.lives.of(page, ask, request.url.query, lambda: self._live(page, ask))
        except StoreError:
            return ""  # away for a moment: what is shown stays
        except (ParcoursError, Refused):
            return None

    def _live(self, page: Page, ask: Ask) -> str | None:
        found = page.view(ask)
        if isinstance(found, Response):
            return None
        return part(ask.locale, found.template, "live", self._values(ask, found.values))

    def _ask(self, request: Request, form: Mapping[str, str], *, by_itself: bool = False) -> Ask | None:
        secret, session, scopes = self.door.known(request, by_itself=by_itself)
        if session is None:
            return None
        locale = locale_of(request)
        known = words(locale)
        return Ask(
            engine=self.engine,
            settings=self.settings,
            session=session,
            secret=secret,
            scopes=scopes,
            locale=locale,
            theme=theme_of(request),
            url=request.url.path.removeprefix(ROOT) or "/",
            gettext=known.gettext,
            ngettext=known.ngettext,
            path=request.path_params,
            query=dict(request.query_params),
            form=form,
        )

    def _values(self, ask: Ask, values: Mapping[str, Any]) -> dict[str, Any]:
        """What every template may use, beside the page's own values."""
        try:
            zone, brand = ask.plan.policies.timezone, str(ask.plan.brand.get("name") or "")
        except SetupError:
            zone, brand = "UTC", ""
        hidden = frozenset() if may_see_people(ask) else PERSONAL
        nav = [(name, text, path) for name, text, path, scope in NAV if ask.may(scope) and name not in hidden]
        return {
            "ask": ask,
            "locale": ask.locale,
            "locales": LOCALES,
            "theme": ask.theme,
            "now": ask.now,
            "zone": zone,
            "brand": brand,
            "nav": nav,
            "here": current(ask.url),
            "done": ask.query.get("done", ""),
            "part": "",
            **values,
        }

    async def _sign_in(self, request: Request) -> Response:
        form = await form_of(request) if request.method == "POST" else None
        return await self._turn(request, partial(self._at_the_door, request, form))

    def _at_the_door(self, request: Request, form: Mapping[str, str] | None) -> Response:
        status, wrong = 200, ""
        onward = request.query_params.get("to", "") if form is None else form.get("to", "")
        if form is not None:
            try:
                return self.door.by_key(request, form.get("key", ""), onward)
            except Refused as fault:
                status, wrong = fault.status, "often" if fault.status == 429 else fault.detail
        elif choice := chosen(request):
            return choice
        return self._outside(request, "sign_in.html", status, wrong=wrong, onward=onward)

    async def _enter(self, request: Request) -> Response:
        """A link shows a button, and the button signs in: what only looks at links (scanners) uses none up."""
        if request.method == "GET":
            return self._outside(request, "enter.html", token=request.query_params.get("token", ""))
        form = await form_of(request)
        try:
            return await self._turn(request, partial(self.door.by_link, request, form.get("token", "")))
        except Refused as fault:
            wrong = "often" if fault.status == 429 else fault.detail
            return self._outside(request, "sign_in.html", fault.status, wrong=wrong, onward="")

    async def _sign_out(self, request: Request) -> Response:
        form = await form_of(request)
        return await self._turn(request, partial(self._leave, request, form))

    def _leave(self, request: Request, form: Mapping[str, str]) -> Response:
        ask = self._ask(request, form)
        if ask is None or form.get("csrf") != ask.csrf:
            return RedirectResponse(address("/sign-in"), 303, headers())
        return self.door.out(request, ask.session.who, everywhere=bool(form.get("everywhere")))

    def _outside(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """A page for whoever is not signed in."""
        locale, theme = locale_of(request), theme_of(request)
        known: dict[str, Any] = {"locale": locale, "locales": LOCALES, "theme": theme, "done": "", "ask": None}
        known["in_language"] = partial(in_language, request, values.get("onward", ""))
        return _html(whole(locale, template, known | values), status)

    async def _fault(self, request: Request, fault: Exception) -> Response:
        path = request.scope["path"]
        if isinstance(fault, HTTPException) and fault.status_code == 404 and path.endswith("/"):
            return RedirectResponse(quote("/" + path.strip("/")), 303, headers())  # one sign too many
        locale = locale_of(request)
        status, title, detail = unhappy(fault, Voice(words(locale).gettext, locale))
        return self._outside(request, "error.html", status, title=title, detail=detail, code=status)


async def _static(request: Request) -> Response:
    try:
        content, kind, mark = file(request.path_params["name"])
    except KeyError:
        raise HTTPException(404) from None
    cached = "public, max-age=31536000, immutable" if request.path_params["mark"] == mark else "no-store"
    return Response(content, media_type=kind, headers={**headers(), "Cache-Control": cached})


def _html(html: str, status: int) -> Response:
    return HTMLResponse(html, status, dict(headers()))
