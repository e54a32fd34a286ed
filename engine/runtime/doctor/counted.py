"""What is counted of journeys: do those who came and those who went leave the ones who are inside?"""

from __future__ import annotations

from collections.abc import Iterator

from engine.model.words import Words
from engine.runtime.counts import counts, inside
from engine.runtime.doctor.finding import Finding, Patient, ok, warn
from engine.runtime.flows import flows, stayed


def counted(patient: Patient) -> Iterator[Finding]:
    """Counters against each other. Looked at again when they differ: commits go on between two reads."""
    for _ in range(3):
        here, there = inside(counts(patient.store)), stayed(flows(patient.store))
        apart = {name: there[name] - here[name] for name in {*here, *there} if there[name] != here[name]}
        if not apart:
            yield ok(
                "counts",
                Words(
                    "{values:,} enrolments in {count:,} versions of journeys, as counted",
                    values=sum(here.values()),
                    count=len(here),
                ),
            )
            return
    (journey, version), by = min(apart.items())
    found = Words(
        "in {count} versions of journeys more or fewer are inside than came and went: {journey} {version} by {by}",
        count=len(apart),
        journey=journey,
        version=version,
        by=by,
    )
    yield warn(
        "counts",
        found,
        Words("The console's figures of these are off; `parcours rebuild` into a new Redis counts anew."),
    )
