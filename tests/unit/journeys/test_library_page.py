"""The page about the shipped journeys names all of them, what starts them and what they say."""

from __future__ import annotations

import re

from engine.journey.steps.send import Sending
from engine.model.plan import Journey
from tests.unit.journeys.starter import ROOT, starter


def rows() -> dict[str, tuple[str, set[str]]]:
    """Journey -> what starts it, what it says."""
    page = (ROOT / "docs/library.md").read_text("utf-8")
    table = page.partition("<!-- journeys -->")[2].partition("<!-- /journeys -->")[0]
    cells = [re.split(r"\s*\|\s*", line.strip("| ")) for line in table.strip().splitlines()[2:]]
    return {name.strip("`"): (by, set(re.findall(r"`(\w+)`", says))) for name, by, says in cells}


def begins(journey: Journey) -> str:
    start = journey.start
    if start.schedule is not None:
        return f"every day at `{start.schedule.text}`"
    return f"`{start.event}`" if start.event else f"segment `{start.enters}`"


def test_the_table_is_that_of_the_journeys() -> None:
    journeys = starter().plan.journeys
    messages = {
        name: {step.spec.message for step in journey.steps.values() if isinstance(step.spec, Sending)}
        for name, journey in journeys.items()
    }
    assert rows() == {name: (begins(journey), messages[name]) for name, journey in journeys.items()}


def test_all_of_courtesy_lets_people_sleep() -> None:
    sends = [
        step.spec
        for journey in starter().plan.journeys.values()
        for step in journey.steps.values()
        if isinstance(step.spec, Sending) and step.spec.purpose == "courtesy"
    ]
    assert len(sends) == 6
    assert all(spec.respect_quiet for spec in sends)
