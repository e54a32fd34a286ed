"""A whole report as one HTML page that asks nobody for anything: no script, no font, no picture from elsewhere."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib import resources

from babel.dates import format_date
from markupsafe import Markup

from engine.model.words import N_
from engine.policy.wallclock import to_local
from engine.report.showing.figures import Figures
from engine.report.showing.fragment import fragment
from engine.report.showing.making import Report
from engine.report.showing.svg import clean, el
from engine.runtime.voice import ENGLISH, Voice

LOCALE = "en"


def page(report: Report) -> str:
    """The page, as text in UTF-8."""
    figures = Figures(report.currency)
    style = resources.files(__package__).joinpath("style.css").read_text("utf-8")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    title = f"{report.shop}: report, {days(report)}"
    links = [el("li", el("a", each.measure.title, href=f"#report-{each.measure.name}")) for each in report.measures]
    limited = [el("p", f"Only what these journeys did: {', '.join(report.journeys)}.")] if report.journeys else []
    body = el(
        "body",
        el("a", "Skip to the report", href="#report", class_="skip"),
        el(
            "header",
            el("p", "Parcours", class_="product"),
            el("h1", report.shop),
            el("p", f"{days(report)} ({report.window.zone})", class_="days"),
            *limited,
        ),
        el("nav", el("ul", *links), aria_label="Measures"),
        el(
            "main",
            *(fragment(each.measure, each.definition, each.found, figures) for each in report.measures),
            id="report",
        ),
        el("footer", el("p", "Made by parcours report. The words under each heading say exactly what was counted.")),
    )
    head = el(
        "head",
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),  # our own words only
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup('<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'),
        el("title", clean(title)),
        Markup(f"<style>{style}</style>"),  # a file of ours
    )
    return f"<!doctype html>\n{el('html', head, body, lang=LOCALE)}\n"


def days(report: Report, voice: Voice = ENGLISH) -> str:
    """The window in words: 1 Mar 2026 to 31 May 2026."""
    window = report.window
    first, last = to_local(window.since, window.zone), to_local(window.until - 1, window.zone)
    since, until = (format_date(each, "d MMM y", locale=voice.locale) for each in (first, last))
    return voice.say(N_("{since} to {until}")).format(since=since, until=until)
