"""What is counted of journeys, without customers: the names of the counters.

A counter is raised by the commit that brings about what it counts, so that sums of them agree with the log.
"""

from __future__ import annotations

from typing import NamedTuple

BETWEEN = "\x1f"  # stands in no name that anybody writes
PASSED, OUT, REGROUPED = ">", "out", "regrouped"
# The kinds of records that are counted: who came and went, and what became of messages.
COUNTED = frozenset(
    (
        "started",
        "ended",
        "moved",
        "sent",
        "held",
        "refused",
        "expired",
        "cancelled",
        "withdrawn",
        "held_out",
        "unknown",
    )
)


class Flow(NamedTuple):
    """One counter. `what` is a kind of record in COUNTED, `PASSED` (from `step` to the step `rule`; '' is the start or
    the end), `OUT` (taken along from `step` to another version), or `REGROUPED` (a merge made known that somebody who
    counts as held out by `rule` is held out by `more`).

    `rule` is the first word of the reason. `more` is the channel; of those who started, ended or were taken along,
    what they were held out by ('' = nothing).
    """

    journey: str
    version: str
    what: str
    step: str = ""
    rule: str = ""
    more: str = ""

    @classmethod
    def parse(cls, name: str) -> Flow:
        """Raises TypeError for what is no name of a counter."""
        return cls(*name.split(BETWEEN))

    def __str__(self) -> str:
        return BETWEEN.join(self)
