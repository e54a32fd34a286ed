"""Journeys: how each one stands, how many are inside, what it sends and what that is worth."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from engine.console.figures import Figures, counted
from engine.console.page import Ask, Page, Shown
from engine.console.rules import STANDINGS
from engine.console.standings import Standings
from engine.model.flags import EVERYTHING
from engine.model.plan import Journey


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
    versions = Counter(journey for journey, _ in inside)
    return [
        Row(
            name=name,
            about=plan.journeys[name].about if name in plan.journeys else "",
            standing=standings.of(name) or ("" if name in plan.journeys else "gone"),
            versions=versions[name],
            figures=found.journeys.get(name) or Figures(),
            goal=has_goal(plan.journeys.get(name), found.journeys.get(name)),
        )
        for name in sorted({*plan.journeys, *found.journeys})
    ]


def has_goal(journey: Journey | None, figures: Figures | None) -> bool:
    """Whether there is anything to reach, now or in a version that was."""
    return bool(journey is not None and journey.goal) or bool(figures is not None and figures.goal.total())


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


JOURNEYS = (Page("/journeys", journeys, shared="all"),)
