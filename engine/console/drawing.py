"""Templates to HTML: one Jinja environment for each language, everything escaped, nothing undefined."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from engine.console.formats import filters
from engine.console.page import ROOT, address
from engine.console.words import words

REPORT = "report.css"
_NAME = re.compile(r"[a-z]{1,30}\.(css|js|svg)")
TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@cache
def environment(locale: str) -> Environment:
    """The templates in one language."""
    made = Environment(
        loader=PackageLoader("engine.console", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    known = words(locale)
    made.install_gettext_callables(known.gettext, known.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(filters(locale))
    made.globals.update(address=address, static=static)
    return made


def whole(locale: str, template: str, values: Mapping[str, Any]) -> str:
    """A page."""
    return environment(locale).get_template(template).render(values)


def part(locale: str, template: str, block: str, values: Mapping[str, Any]) -> str | None:
    """One block of a page; None when its template has no such block."""
    found = environment(locale).get_template(template)
    return found.render({**values, "part": block}) if block in found.blocks else None


@cache
def file(name: str) -> tuple[bytes, str, str]:
    """A file of static/: its bytes, its type, and a mark that changes with it. Raises KeyError."""
    if not _NAME.fullmatch(name):  # it comes from outside
        raise KeyError(name)
    kind = TYPES[name.rpartition(".")[2]]
    try:
        if name == REPORT:  # the look of reports is theirs; here it ends where they end
            content = (
                b"@scope (.report) {\n" + files("engine.report.showing").joinpath("style.css").read_bytes() + b"}\n"
            )
        else:
            content = files("engine.console").joinpath("static", name).read_bytes()
    except FileNotFoundError:
        raise KeyError(name) from None
    return content, kind, sha256(content).hexdigest()[:12]


def static(name: str) -> str:
    """The address of a file of static/; a new one whenever it changes."""
    return f"{ROOT}/static/{file(name)[2]}/{name}"
