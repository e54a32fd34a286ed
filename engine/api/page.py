"""A page for a customer: its language, its headers, its texts from templates/pages/."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from babel import Locale
from starlette.requests import Request
from starlette.responses import HTMLResponse

from engine.render.renderer import Renderer

NONE = "'none'"
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_RANGE = re.compile(r"\s*([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{1,3})?)\s*)?")


def language(renderer: Renderer, request: Request, known: str = "") -> str:
    """The locale of a page: what was chosen on it, the message's or the customer's (`known`), what the browser asks
    for, the brand's."""
    chosen = request.query_params.get("lang", "")
    if chosen in renderer.locales:
        return chosen
    if known:
        return renderer.locale_for(known)
    wanted = []
    for number, part in enumerate(request.headers.get("accept-language", "")[:500].split(",")):
        found = _RANGE.fullmatch(part)
        if found is not None:
            wanted.append((-float(found[2] or 1), number, found[1]))
    for _, _, tag in sorted(wanted):
        locale = renderer.locale_for(tag)
        if locale.split("_")[0] == tag.lower().replace("-", "_").split("_")[0]:
            return locale
    return renderer.locales[0]


def page(renderer: Renderer, name: str, locale: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """One of templates/pages/ as an answer. Raises RenderFailed."""
    languages = [
        {"code": each, "lang": _tag(each), "name": _called(each), "current": each == locale}
        for each in renderer.locales
    ]
    text = renderer.page(name, locale, {"lang": _tag(locale), "languages": languages, **values})
    return HTMLResponse(text, status, _headers(text, str((renderer.brand.get("logo") or {}).get("url") or "")))


def _headers(text: str, logo: str) -> dict[str, str]:
    """Nothing may run, nothing may be fetched but the logo, nobody may frame the page or learn its address."""
    styles = " ".join(f"'sha256-{b64encode(sha256(each.encode()).digest()).decode()}'" for each in _STYLE.findall(text))
    pictures = f"; img-src {_source(logo)}" if logo else ""
    return {
        "Content-Security-Policy": f"default-src 'none'; style-src {styles or NONE}{pictures}; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow",
    }


def _source(address: str) -> str:
    """The address in a policy, where ; and , would begin another rule."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}{parts.path}".replace(";", "%3B").replace(",", "%2C").replace(" ", "%20")


def _tag(locale: str) -> str:
    return locale.replace("_", "-")


def _called(locale: str) -> str:
    name = Locale.parse(locale).get_display_name(locale) or locale
    return name[:1].upper() + name[1:]
