"""The way in and out: an API key, or a link that signs in once; a cookie that only this browser has."""

from __future__ import annotations

import secrets
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.api.auth import SCOPES, Keys
from engine.api.limit import Limit
from engine.api.problem import Refused
from engine.console.headers import headers
from engine.console.page import ROLES, ROOT, address
from engine.runtime.audit import note
from engine.runtime.sessions import LONGEST, Session, end_session, end_sessions, open_session, session, use_link
from engine.runtime.store import Store

COOKIE = "parcours_session"
HERE = frozenset(("127.0.0.1", "::1", "::ffff:127.0.0.1"))


class Door:
    """Lets people in. What it refuses says no more than that it is not known."""

    def __init__(self, store: Store, keys: Keys) -> None:
        self._store, self._keys = store, keys
        self._tries = Limit(20)

    def known(self, request: Request, *, by_itself: bool = False) -> tuple[str, Session | None, frozenset[str]]:
        """The secret that a request carries, its session (None: nobody is signed in) and what that is good for now.

        A key that was withdrawn ends its sessions; one that is good for less now is good for less here.
        """
        secret = _secret(request)
        found = session(self._store, secret, by_itself=by_itself) if secret else None
        if found is None:
            return "", None, frozenset()
        scopes = self._keys.scopes(bytes.fromhex(found.key)) if found.key else frozenset(found.scopes)
        return (secret, found, scopes) if scopes & ROLES else ("", None, frozenset())

    def by_key(self, request: Request, key: str, onward: str) -> Response:
        """Sign in with an API key. Raises Refused 401 (unknown), 403 (good for none of the roles), 429."""
        self._tries.take(_host(request))
        digest = sha256(key.strip().encode("utf-8", "replace")).digest()
        scopes = self._keys.scopes(digest)
        if not scopes:
            raise Refused(401, "Unknown API key", "unknown")
        if not scopes & ROLES:
            raise Refused(403, "Not with this key", "useless")
        who = f"console, {'+'.join(each for each in SCOPES if each in scopes)} key {digest.hex()[:8]}"
        return self._let_in(request, who, digest.hex(), (), onward)

    def by_link(self, request: Request, secret: str) -> Response:
        """Sign in by a link, which is used up. Raises Refused 401 (no such link, used, or too old), 403, 429."""
        self._tries.take(_host(request))
        if _host(request) not in HERE:
            raise Refused(403, "Not from here", "elsewhere")
        who = use_link(self._store, secret)
        if not who:
            raise Refused(401, "Not a link", "used")
        return self._let_in(request, f"{who}, console", "", ("admin",), "")

    def _let_in(self, request: Request, who: str, key: str, scopes: tuple[str, ...], onward: str) -> Response:
        clock, secret = self._store.clock(), secrets.token_urlsafe(32)
        end_session(self._store, _secret(request))  # one browser, one session: an older one is of no use to anybody
        open_session(self._store, secret, Session(who, clock.server, key, scopes))
        note(self._store, clock.engine, "sign in", who)
        answer = RedirectResponse(onward if _ours(onward) else address("/"), 303, headers())
        answer.set_cookie(
            COOKIE, secret, max_age=LONGEST, path=ROOT, httponly=True, samesite="strict",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return answer

    def out(self, request: Request, who: str, *, everywhere: bool = False) -> Response:
        """Sign out: the session is over, here and for whoever may have copied it; `everywhere`: all of the same who."""
        end_session(self._store, _secret(request))
        ended = 1 + (end_sessions(self._store, who) if everywhere else 0)
        note(self._store, self._store.clock().engine, "sign out", who, sessions=ended if everywhere else 0)
        answer = RedirectResponse(address("/sign-in"), 303, headers())
        answer.delete_cookie(COOKIE, path=ROOT, httponly=True, samesite="strict")
        return answer


def _secret(request: Request) -> str:
    return request.cookies.get(COOKIE, "")[:200]


def whose(request: Request) -> str:
    """A name for whoever asks, of which the session cannot be told: for counting how much they ask. Who has none is
    called by their address, so that one stranger does not keep all others from the door."""
    name = _secret(request) or f"from {_host(request)}"
    return sha256(name.encode("utf-8", "replace")).hexdigest()[:16]


def same_site(request: Request) -> bool:
    """Whether a form came from one of our own pages, as far as the browser says so.

    A proxy that speaks to us by another name says what the browser calls it in X-Forwarded-Host, a header that no page
    from elsewhere can have a browser send.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    names = (request.headers.get(name, "").partition(",")[0].strip() for name in ("host", "x-forwarded-host"))
    return origin is None or origin.partition("://")[2] in [name for name in names if name]


def _host(request: Request) -> str:
    return request.client.host if request.client is not None else ""


def _ours(path: str) -> bool:
    """Whether it is the address of one of our pages, and not a way to somewhere else."""
    return path.startswith(f"{ROOT}/") and "\\" not in path and "//" not in path and path.isprintable()
