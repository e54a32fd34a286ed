"""`/docs`: what the interface answers to, as a page of our own that fetches nothing.

The pages that the framework brings run scripts of another host, with all rights of whoever is signed in to the
console on the same one. `/openapi.json` is there for whoever prefers other pages.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from hashlib import sha256
from html import escape
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;"
    "padding:0 1rem}h2{font-size:1rem;margin:2rem 0 .3rem;overflow-wrap:anywhere}h2 b{margin-right:.6em}"
    "code,pre,h2{font-family:ui-monospace,monospace}pre{overflow:auto;padding:.8rem;border:1px solid #8886}"
    "section{border-top:1px solid #8886}p{white-space:pre-line}"
)
_DIGEST = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def add_reference(app: FastAPI) -> None:
    """Put the page on `app`, whose own were switched off."""
    made: list[str] = []

    @app.get("/docs", include_in_schema=False)
    async def reference(request: Request) -> Response:
        if not made:
            made.append(page(app.openapi()))
        return HTMLResponse(made[0], headers=HEADERS)


def page(described: dict[str, Any]) -> str:
    """The page for what /openapi.json describes."""
    title = escape(described["info"]["title"])
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}: HTTP</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>'
        f"<h1>{title} {escape(described['info']['version'])}</h1>"
        '<p>Send your key as <code>Authorization: Bearer KEY</code>. <a href="/openapi.json">/openapi.json</a> says '
        f"the same to programs.</p>{''.join(_operations(described))}</body></html>"
    )


def _operations(described: dict[str, Any]) -> Iterator[str]:
    for path, methods in described["paths"].items():
        for method, each in methods.items():
            yield f"<section><h2><b>{method.upper()}</b>{escape(path)}</h2>"
            yield f"<p>{escape(each.get('description') or each.get('summary', ''))}</p>"
            given = [f"<li><code>{escape(one['name'])}</code> ({one['in']})</li>" for one in each.get("parameters", ())]
            yield f"<ul>{''.join(given)}</ul>" if given else ""
            for kind, body in each.get("requestBody", {}).get("content", {}).items():
                if "example" in body:
                    shown = json.dumps(body["example"], ensure_ascii=False, indent=2)
                    yield f"<p><code>{escape(kind)}</code></p><pre tabindex=0><code>{escape(shown)}</code></pre>"
            yield "</section>"
