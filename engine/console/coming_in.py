"""What comes with a request: its form, its address, its language and its light."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.api.body import read_bytes
from engine.api.problem import Refused
from engine.console.door import same_site
from engine.console.headers import headers
from engine.console.page import ROOT
from engine.console.uploads import LARGEST, fields, is_upload, too_large
from engine.console.words import LOCALES, N_, wanted
from engine.model.words import Words

YEAR = 365 * 86_400
THEMES = ("light", "dark")
LONGEST_FORM = 262_144


def locale_of(request: Request) -> str:
    """The language of an answer."""
    return wanted(request.headers.get("accept-language", ""), request.cookies.get("parcours_lang", ""))


def theme_of(request: Request) -> str:
    """'light' or 'dark' when it was chosen, else '': as the browser says."""
    chosen = request.cookies.get("parcours_theme", "")
    return chosen if chosen in THEMES else ""


def chosen(request: Request) -> Response | None:
    """The answer to a choice of language or of light (`?lang=fr`, `?theme=dark`): the same page again."""
    lang, theme = request.query_params.get("lang"), request.query_params.get("theme")
    if lang is None and theme is None:
        return None
    answer = RedirectResponse(here(request, without=("lang", "theme")), 303, headers())
    secure = request.url.scheme == "https"
    if lang in LOCALES:
        answer.set_cookie("parcours_lang", lang, YEAR, path=ROOT, samesite="lax", httponly=True, secure=secure)
    if theme is not None:
        kept = theme if theme in THEMES else ""
        answer.set_cookie("parcours_theme", kept, YEAR, path=ROOT, samesite="lax", httponly=True, secure=secure)
    return answer


def here(request: Request, without: tuple[str, ...] = ()) -> str:
    """The address that was asked for, without a host: what a browser says of that is not to be believed."""
    query = [(name, value) for name, value in request.query_params.multi_items() if name not in without]
    path = quote("/" + request.scope["path"].lstrip("/"))
    return path + (f"?{urlencode(query)}" if query else "")


def in_language(request: Request, onward: str, locale: str) -> str:
    """The address that was asked for, in another language; `onward` is where the way in leads to."""
    address = here(request, without=("lang", "theme", "to"))
    more = urlencode({"lang": locale, **({"to": onward} if onward else {})})
    return f"{address}{'&' if '?' in address else '?'}{more}"


async def form_of(request: Request, *, uploads: bool = False) -> dict[str, str]:
    """The fields of a form; with `uploads` it may bring a file. Raises Refused 403 (from elsewhere), 413, 400, 422."""
    if not same_site(request):
        raise Refused(403, "Not from here", N_("This form was not sent by a page of the console."))
    kind = request.headers.get("content-type", "")
    if uploads and is_upload(kind):
        return fields(await read_bytes(request, LARGEST, too_large()), kind)
    body = await read_bytes(request)
    if len(body) > LONGEST_FORM:
        raise Refused(413, "Too large", Words("A form has up to {longest_form:,} bytes.", longest_form=LONGEST_FORM))
    try:
        found = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        raise Refused(400, "Not a form", Words("Send the form of the page.")) from None
    return {name: values[-1] for name, values in found.items()}
