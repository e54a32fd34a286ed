"""Reports: the measures of `parcours report` as pages."""

from __future__ import annotations

from engine.console.archived import archive_of
from engine.console.aside import Aside
from engine.console.looking import voice
from engine.console.page import Ask, Page, Shown
from engine.report.measures.every import MEASURES
from engine.runtime.plans import sources_of
from engine.runtime.voice import N_

ASIDE = Aside()
FRESH = 5 * 60_000  # ms for which a report is not made again
SPANS = {"30d": N_("30 days"), "90d": N_("90 days"), "365d": N_("A year")}


def reports_page(ask: Ask) -> Shown:
    """One measure (`measure`), or all, over the last days (`since`) of the archive."""
    told = voice(ask)
    known = [(each.name, told.tell(each.title)) for each in MEASURES]
    names = [name for name, _ in known]
    measure, since = ask.query.get("measure", names[0]), ask.query.get("since", "90d")
    measure = measure if measure in (*names, "all") else names[0]
    since = since if since in SPANS else "90d"
    archive = archive_of(ask.settings)
    job = None
    if archive:
        given = {
            "archive": archive,
            "folder": str(ask.settings.state_path / "archive-copies"),
            "sources": dict(sources_of(ask.store, ask.plan.fingerprint) or {}),
            "names": [] if measure == "all" else [measure],
            "since": since,
            "locale": ask.locale,
            "at": ask.now // FRESH,
        }
        job = ASIDE.ask("report", given)
    return ask.shown("reports.html", job=job, measures=known, measure=measure, since=since, spans=list(SPANS.items()))


REPORTS = (Page("/reports", reports_page),)
