"""Journeys: how each one stands, how many are inside, what it sends and what that is worth."""

from __future__ import annotations

from dataclasses import dataclass

from engine.console.figures import Figures, counted
from engine.console.page import Ask, Page, Shown
from engine.console.rules import STANDINGS
from engine.console.standings import Standings
from engine.model.flags import EVERYTHING


@dataclass(frozen=True)
class Row:
    """One journey of the list. `standing` is '' (it runs), 'paused', 'killed' or 'gone'."""

    name: str
    about: str
    standing: str
    versions: int
    figures: Figures
    goal: bool = False


def rows(ask: Ask) -> list[Row]:
    """All journeys of the plan, and those that people are still inside or that were counted."""
    found, plan, standings = counted(ask.store), ask.plan, Standings.read(ask.store)
    inside = {(stand.journey, stand.version) for stand, count in found.stands.items() if count}
    return [
        Row(
            name=name,
            about=plan.journeys[name].about if name in plan.journeys else "",
            standing=standings.of(name) or ("" if name in plan.journeys else "gone"),
            versions=len({version for each, version in inside if each == name}),
            figures=found.journeys.get(name) or Figures(),
            goal=name in plan.journeys and bool(plan.journeys[name].goal),
        )
        for name in sorted({*plan.journeys, *found.journeys})
    ]


def journeys(ask: Ask) -> Shown:
    """The list; `q` keeps those whose name or words hold it."""
    asked = ask.query.get("q", "").strip()[:100].casefold()
    everything = rows(ask)
    shown = [row for row in everything if asked in row.name.casefold() or asked in row.about.casefold()]
    return ask.shown(
        "journeys.html",
        rows=shown,
        most=len(everything),
        standings=STANDINGS,
        q=ask.query.get("q", "")[:100],
        everything=Standings.read(ask.store).of(EVERYTHING),
    )


JOURNEYS = (Page("/journeys", journeys),)
