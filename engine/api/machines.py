"""Who asks for a link: a person's browser, or a machine that looks where it leads."""

from __future__ import annotations

import re

from starlette.requests import Request

# Scanners of mail gateways, previews of chats, crawlers, scripts. A proxy that fetches pictures when a mail is opened
# (GoogleImageProxy, YahooMailProxy) is none of them; one that fetches them all beforehand (Apple's: a bare
# 'Mozilla/5.0') is.
_MACHINE = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|scan|preview|prefetch|facebookexternalhit|whatsapp|telegram|curl|wget|python|java/|"
    r"okhttp|go-http|node|headless|monitor|validator|barracuda|proofpoint|mimecast|safelinks|^mozilla/5\.0$|^$",
    re.IGNORECASE,
)
_EARLY = ("purpose", "sec-purpose", "x-purpose", "x-moz")


def is_machine(request: Request) -> bool:
    """Whether this was hardly asked for by somebody who reads. HEAD asks where a link leads and follows none."""
    early = any(
        "prefetch" in value or "preview" in value for name in _EARLY if (value := request.headers.get(name, ""))
    )
    agent = request.headers.get("user-agent", "").strip()
    return request.method != "GET" or early or _MACHINE.search(agent) is not None
