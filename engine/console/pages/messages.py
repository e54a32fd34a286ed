"""Messages: what each one looks like on every channel, and what the checks say of its template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from engine.console.aside import Aside, Job
from engine.console.looking import voice
from engine.console.page import Ask, Page, Shown, framed
from engine.console.previews import listed, one, template_of
from engine.model.errors import SetupError
from engine.model.words import Words
from engine.render.preview.build import View
from engine.render.preview.page import framed as without_requests
from engine.render.renderer import Renderer
from engine.runtime.plans import sources_of

ASIDE = Aside()


def messages_page(ask: Ask) -> Shown:
    """All messages, where they are used, and what is to be said of them."""
    renderer, job = _renderer(ask), _lint(ask)
    return ask.shown(
        "messages.html",
        messages=listed(ask.plan, renderer, job.result or []),
        wanted=ask.query.get("q", "").strip().lower()[:100],
        lint=job,
    )


def message_page(ask: Ask) -> Shown:
    """One message on all channels, in a language, for a made-up customer."""
    renderer, job = _renderer(ask), _lint(ask)
    name = _name(ask, renderer)
    shown = one(ask.plan, renderer, name, ask.query.get("in", ""), ask.query.get("as", ""))
    sources = _sources(ask)
    return ask.shown(
        "message.html",
        message=shown,
        lint=job,
        read=voice(ask).read,
        source=template_of(name, sources, job.result or []),
    )


def frame(ask: Ask) -> Response:
    """The e-mail of a message, for a frame in which nothing runs and nothing is fetched."""
    renderer = _renderer(ask)
    shown = one(ask.plan, renderer, _name(ask, renderer), ask.query.get("in", ""), ask.query.get("as", ""))
    view: View | None = next((each for each in shown.views if each.channel == "email" and not each.fault), None)
    if view is None:
        raise ask.missing(ask.gettext("This message cannot be written for this customer."))
    return framed(without_requests(view.parts["html"]))


def _renderer(ask: Ask) -> Renderer:
    renderer = ask.running.renderer
    if renderer is None:
        raise SetupError(Words("This plan shows no messages."))
    return renderer


def _name(ask: Ask, renderer: Renderer) -> str:
    name = ask.path["message"]
    if name not in renderer.messages():
        raise ask.missing(ask.gettext("There is no message '%(name)s'.") % {"name": name[:100]})
    return name


def _sources(ask: Ask) -> Mapping[str, str]:
    return sources_of(ask.store, ask.plan.fingerprint) or {}


def _lint(ask: Ask) -> Job:
    sources: Any = dict(_sources(ask))
    return ASIDE.ask("lint", sources)


MESSAGES = (
    Page("/messages", messages_page),
    Page("/messages/{message}", message_page),
    Page("/messages/{message}/html", frame),
)
