"""All measures, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from engine.report.measures import (
    abandonment,
    churn,
    consistency,
    crossing,
    decisions,
    journeys,
    pressure,
    reach,
    retention,
    satisfaction,
    service,
    transitions,
    value,
)
from engine.report.measures.basis import Basis
from engine.report.measures.measure import Found, Measure

MEASURES: tuple[Measure, ...] = (
    reach.MEASURE,
    value.MEASURE,
    retention.MEASURE,
    churn.MEASURE,
    transitions.MEASURE,
    abandonment.MEASURE,
    crossing.MEASURE,
    satisfaction.MEASURE,
    service.MEASURE,
    pressure.MEASURE,
    consistency.MEASURE,
    journeys.MEASURE,
    decisions.MEASURE,
)


def measured(basis: Basis, names: Collection[str] = ()) -> Iterator[tuple[Measure, Found]]:
    """The measures of these names (all when there are none), one after the other, as they are made."""
    for each in MEASURES:
        if not names or each.name in names:
            yield each, each.run(basis)
