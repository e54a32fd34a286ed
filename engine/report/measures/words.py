"""Sentences that several definitions share, so that one word means one thing in all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.model.reporting import Reporting
from engine.model.span import DAY, HOUR, MINUTE, SECOND
from engine.model.words import N_, Words
from engine.report.measures.measure import Cell
from engine.runtime.observed_words import RULES

CUSTOMER = Words("Customers are profiles; those that were merged are one, and who was erased is gone.")
ACT = Words(
    "An act is an event with a channel that the customer is the author of: none of `ours`, none that a journey emitted."
)
NO_ACTS = Words("No customer has an act in the window: send events with a `channel`, or choose an earlier window.")
NO_PURCHASES = Words(
    "No purchase is declared: say under `report: purchases:` which event is one, and where its amount stands."
)
NONE_BOUGHT = Words("Nobody has bought anything in the window.")


def listed(names: Iterable[str]) -> str:
    return ", ".join(names) or Words("none")


ALL_JOURNEYS = "all journeys"


def either(names: Sequence[str]) -> str:
    """a or b or c."""
    return Words.joined(Words(" or "), names)


# What measures call things, where no customer has a word for them: texts in the tables, for programs as well.
OWN = {
    **RULES,
    "a message": N_("a message"),
    "all": N_("all"),
    ALL_JOURNEYS: N_("all journeys"),
    "digital only": N_("digital only"),
    "neither": N_("neither"),
    "physical and digital (omnichannel)": N_("physical and digital (omnichannel)"),
    "no channel": N_("no channel"),
    "physical only": N_("physical only"),
    "started": N_("started"),
    "still running": N_("still running"),
}


def own(text: str) -> str:
    """A word of ours in a cell: it stays as it is for programs, and a page says it in its language."""
    return Words.named(text, OWN[text]) if text in OWN else text


def every_journey(name: str) -> str:
    """The name of a journey, or of all together."""
    return own(name) if name == ALL_JOURNEYS else name


def with_own(rows: Iterable[tuple[Cell, ...]], place: int) -> tuple[tuple[Cell, ...], ...]:
    """The rows, with words of ours in the column at `place`."""
    return tuple(
        (*row[:place], own(cell) if isinstance(cell := row[place], str) else cell, *row[place + 1 :]) for row in rows
    )


def money(report: Reporting) -> str:
    """What is a purchase, revenue and margin, with the declarations."""
    bought = "; ".join(f"{each.event}.{each.revenue}" for each in report.purchases) or Words("nothing that is declared")
    back = "; ".join(f"{each.event}.{each.revenue}" for each in report.refunds) or Words("none declared")
    if any(each.margin for each in report.purchases):
        margin = ", ".join(f"{each.event}.{each.margin}" for each in report.purchases if each.margin)
        margin += Words(", else {margin:.6g} of the revenue", margin=report.margin) if report.margin is not None else ""
    else:
        margin = (
            Words("{margin:.6g} of the revenue", margin=report.margin)
            if report.margin is not None
            else Words("not declared")
        )
    return Words(
        "A purchase is {bought}, of 0 or more, and counts once for each customer, event and id. Revenue "
        "is purchases less refunds ({back}), each when it happened. Margin: {margin}. Sums are exact.",
        bought=bought,
        back=back,
        margin=margin,
    )


def span(ms: int) -> str:
    """2h, 7d, 90s: in the largest unit that divides it."""
    for size, unit in ((DAY, N_("{n} d")), (HOUR, N_("{n} h")), (MINUTE, N_("{n} min")), (SECOND, N_("{n} s"))):
        if ms % size == 0:
            return Words(unit, n=ms // size)
    return Words("{n} ms", n=ms)
