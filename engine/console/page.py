"""What a page is made of: a question, a function that answers it with values, and the template that shows them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any, Literal
from urllib.parse import quote, urlencode

from starlette.responses import HTMLResponse, RedirectResponse, Response

from engine.api.auth import Scope
from engine.api.problem import Refused
from engine.console.headers import headers
from engine.model.plan import Plan
from engine.runtime.clock import Reading
from engine.runtime.engine import Engine
from engine.runtime.plans import Running
from engine.runtime.sessions import Session
from engine.runtime.store import Store
from engine.settings import Settings

ROOT = "/console"
ROLES = frozenset(("read", "author", "operate", "admin"))  # the scopes that let somebody in


@dataclass(frozen=True, slots=True)
class Shown:
    """A template of engine/console/templates and its values."""

    template: str
    values: Mapping[str, Any]
    status: int = 200


@dataclass
class Ask:
    """One request for a page, or to do something.

    path    what its route names, say {'journey': 'welcome'};  query, form  what came with it, one value for each name
    scopes  what the session is good for;  gettext, ngettext  the words of its language
    """

    engine: Engine
    settings: Settings
    session: Session
    secret: str
    scopes: frozenset[str]
    locale: str
    theme: str
    url: str
    gettext: Callable[[str], str]
    ngettext: Callable[[str, str, int], str]
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return self.engine.store

    @cached_property
    def running(self) -> Running:
        """The current plan. Raises SetupError when none was deployed."""
        return self.engine.running()

    @property
    def plan(self) -> Plan:
        return self.running.plan

    @cached_property
    def clock(self) -> Reading:
        """Server time and engine time, read once."""
        return self.store.clock()

    @property
    def now(self) -> int:
        """Engine time, epoch ms."""
        return self.clock.engine

    @property
    def virtual(self) -> bool:
        """Whether engine time is not the time of the world: a demo or a test moves it."""
        return self.clock.held or abs(self.clock.engine - self.clock.server) > 60_000

    @property
    def csrf(self) -> str:
        """What every form must carry: nobody but this browser can know it."""
        return sha256(f"csrf {self.secret}".encode()).hexdigest()

    def may(self, scope: Scope) -> bool:
        """Whether this session is good for `scope`. Whoever may do something may read."""
        return scope in self.scopes or "admin" in self.scopes or (scope == "read" and bool(self.scopes & ROLES))

    def number(self, name: str, standard: int, most: int) -> int:
        """A whole number of the query, from 1 to `most`; `standard` for what is none."""
        given = self.query.get(name, "")
        return max(1, min(int(given), most)) if given.isascii() and given.isdigit() and len(given) < 10 else standard

    def shown(self, template: str, *, status: int = 200, **values: Any) -> Shown:
        """This page, with these values."""
        return Shown(template, values, status)

    def again(self, **changed: str) -> str:
        """The address of this page with something of its query changed: `again(lang='fr')`. What a form does has no
        page of its own: that of its journey is meant."""
        where, _, last = self.url.rpartition("/")
        return address(
            where if self.form and last in ("pause", "resume", "kill") else self.url, **{**self.query, **changed}
        )

    def to(self, path: str, /, **query: str) -> Response:
        """Go on to a page of the console: the answer to a form."""
        return RedirectResponse(address(path, **query), 303, headers())

    def missing(self, what: str) -> Refused:
        """To be raised: there is nothing of this name."""
        return Refused(404, "Not found", what)


def address(path: str, /, **query: Any) -> str:
    """The address of a page: `address('/journeys/welcome', version='a1')`."""
    asked = {name: value for name, value in query.items() if value not in (None, "")}
    return ROOT + quote(path, safe="/") + (f"?{urlencode(asked)}" if asked else "")


View = Callable[[Ask], Shown | Response]


@dataclass(frozen=True, slots=True)
class Page:
    """One page: where it is, what makes it, and what one must be good for to see it.

    A template with a block `live` is shown anew while somebody looks at it. `shared` says for whom what is made of it
    then is good for a moment: 'all' who have the same rights, the same person who looks ('who': each look at a
    customer is written down), or one 'session' (it has forms). `mark` changes when it may say something else before
    ten seconds are over. With `does` it is no page but what the form of one does (POST): it answers with
    `ask.to(...)`, or with a page that says why not.
    """

    path: str
    view: View
    scope: Scope = "read"
    does: bool = False
    shared: Literal["all", "who", "session"] = "who"
    mark: Callable[[Ask], Hashable] | None = None
    uploads: bool = False  # its form may bring a file


def framed(html: str) -> Response:
    """A message as it looks, to be the `src` of a frame: it can run nothing and fetch nothing."""
    return HTMLResponse(html, headers=dict(headers(framed=True)))
