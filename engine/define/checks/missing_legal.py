"""Marketing without the line that the law wants."""

from __future__ import annotations

from collections.abc import Iterator

from engine.define.checks.persona import Shown
from engine.define.checks.rule import Rule, Workspace
from engine.model.problem import Problem
from engine.render.outside import SAMPLE_PAGES, UNSUBSCRIBE

# Where a commercial message has to say who writes and how to make it end.
CHANNELS = ("email", "sms")


class MissingLegal(Rule):
    """A marketing e-mail or SMS without a legal line, or a marketing e-mail without a way to unsubscribe."""

    code = "missing_legal"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        told: set[str] = set()
        for shown in workspace.shown:
            if shown.use.spec.message in workspace.faulty:
                continue
            if shown.use.purpose.transactional or shown.channel not in CHANNELS or shown.rendered is None:
                continue
            for what, hint in _lacks(workspace, shown):
                if what not in told:
                    told.add(what)
                    yield self._report(workspace, shown, what, hint)

    def _report(self, workspace: Workspace, shown: Shown, what: str, hint: str) -> Problem:
        written, path = shown.use.written, shown.use.placed.path
        via = written.raw(path)["via"]
        at = (*path, "via", via.index(shown.channel)) if isinstance(via, list) else (*path, "via")
        return self.problem(written.doc, at, f"marketing leaves by {shown.channel} here, but {what}.", hint)


def _lacks(workspace: Workspace, shown: Shown) -> Iterator[tuple[str, str]]:
    brand, channel, parts = workspace.plan.brand, shown.channel, shown.rendered.parts if shown.rendered else {}
    lines = (brand.get("legal") or {}).get(channel) or {}
    wanted = next(
        (
            lines[name]
            for name in (shown.locale, shown.locale.split("_")[0], workspace.renderer.locales[0])
            if lines.get(name)
        ),
        "",
    )
    if not wanted:
        hint = f"Write it in brand: legal: {channel}: {{{shown.locale}: ...}}"
        yield f"the brand has no legal line for {channel}", hint
    elif " ".join(wanted.split()) not in " ".join(parts.get("text", "").split()):
        yield f"the legal line is not in the {channel} layout", "Put {{ brand.legal." + channel + " }} into the layout."
    link = (brand.get("links") or {}).get(UNSUBSCRIBE, SAMPLE_PAGES + UNSUBSCRIBE).partition("{")[0]
    if channel == "email" and link not in parts.get("html", ""):
        yield "the unsubscribe link is not in the email layout", "Put {{ links.unsubscribe }} into the layout."
