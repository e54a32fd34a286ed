"""The preview as one HTML page that asks nobody for anything."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib.resources import files
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from engine.render.preview.build import Preview

LABELS = {"email": "E-mail", "push": "Push", "sms": "SMS", "store": "In store"}
# Address and picture of a remote image; what stands for it must not be fetched from anywhere.
_IMAGE = re.compile(r"""(<img\b[^>]*?\ssrc\s*=\s*)(?:"(?!data:)[^"]*"|'(?!data:)[^']*')""", re.IGNORECASE)
# What a browser may call a stranger for, whatever a policy forbids: it opens lines to where frames would come from.
_STRANGERS = re.compile(
    r"<(?:link|i?frame|object|embed)\b[^>]*>|@import\s[^;]*;|<script\b.*?</script\s*>", re.IGNORECASE | re.DOTALL
)
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_PICTURE = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 120 80' preserveAspectRatio='xMidYMid slice'>"
    "<rect width='120' height='80' fill='#d9dcd6'/><circle cx='84' cy='26' r='9' fill='#f4f5f2'/>"
    "<path d='M0 80 40 38l24 24 16-14 40 32z' fill='#aeb5aa'/></svg>"
)
_DATA = "data:image/svg+xml," + quote(_PICTURE)


def page(preview: Preview, *, live: str = "") -> str:
    """The whole page. `live` is the version that is served: with it, the page reloads itself when there is a newer one.

    Nothing in it is fetched: pictures of messages are stood in for, and the page's own policy forbids requests.
    """
    script, style = _text("page.js"), _text("page.css")
    digest = base64.b64encode(sha256(script.encode()).digest()).decode()
    reach = "'self'" if live else "'none'"
    policy = (
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        f"connect-src {reach}; base-uri 'none'; form-action 'none'"
    )
    return _template()(
        preview=preview,
        live=live,
        policy=policy,
        style=Markup(style),
        script=Markup(script),
        labels=LABELS,
        personas={persona.name: persona for persona in preview.personas},
        letter=(preview.brand[:1] or "P").upper(),
    )


def framed(html: str) -> str:
    """An e-mail for a frame that reaches nothing: links stay where they are, remote pictures are stood in for."""
    html = _STRANGERS.sub(" ", html)  # a space, so that nothing new is made of what stood around it
    html = _IMAGE.sub(lambda found: f'{found[1]}"{_DATA}"', html)
    head = _HEAD.search(html)
    cut = head.end() if head else 0
    return f'{html[:cut]}<base target="_blank">{html[cut:]}'


@cache
def _template() -> Callable[..., str]:
    env = Environment(
        loader=PackageLoader("engine.render.preview", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["framed"] = framed
    env.filters["counted"] = _counted
    return env.get_template("page.html.j2").render


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@cache
def _text(name: str) -> str:
    return files("engine.render.preview").joinpath(name).read_text("utf-8")
