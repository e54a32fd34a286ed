"""The measures of an archive as parts of a page, made aside: they read all that ever happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def run(given: Mapping[str, Any]) -> dict[str, Any]:
    """`given`: {archive: its address, folder: for copies of what lies in a bucket, sources: the plan's files, names: of
    measures (none: all), since: text, locale: the
    language of whoever asked}. {measures: [{name, title, html}], days, wrong: why there is none}."""
    from pathlib import Path

    from engine.console.words import words
    from engine.define.workspace import compile_sources
    from engine.model.errors import ParcoursError
    from engine.report.archive.place import open_place
    from engine.report.showing.figures import Figures
    from engine.report.showing.fragment import fragment
    from engine.report.showing.making import reported
    from engine.report.showing.page import days
    from engine.runtime.voice import Voice

    voice = Voice(words(given["locale"]).gettext, given["locale"])
    plan = compile_sources(given["sources"], published=True).plan
    try:
        place = open_place(given["archive"], make=False)
        made = reported(place, Path(given["folder"]), plan, names=given["names"], since=given["since"])
    except ParcoursError as fault:
        return {"measures": [], "days": "", "wrong": voice.tell(fault.words)}
    except ValueError as fault:
        return {"measures": [], "days": "", "wrong": voice.tell(fault.args[0])}
    figures = Figures(made.currency, voice)
    shown = [
        {
            "name": each.measure.name,
            "title": voice.tell(each.measure.title),
            "html": str(fragment(each.measure, each.definition, each.found, figures)),
        }
        for each in made.measures
    ]
    return {"measures": shown, "days": days(made, voice), "wrong": ""}
