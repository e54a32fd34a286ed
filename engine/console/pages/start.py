"""The first page."""

from __future__ import annotations

from engine.console.page import Ask, Page, Shown


def start(ask: Ask) -> Shown:
    """What is there."""
    return ask.shown("start.html", journeys=len(ask.plan.journeys))


START = (Page("/", start),)
