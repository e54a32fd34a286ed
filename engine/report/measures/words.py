"""Sentences that several definitions share, so that one word means one thing in all of them."""

from __future__ import annotations

from collections.abc import Iterable

from engine.model.reporting import Reporting
from engine.model.span import DAY, HOUR, MINUTE, SECOND

CUSTOMER = "Customers are profiles; those that were merged are one, and who was erased is gone."
ACT = (
    "An act is an event with a channel that the customer is the author of: none of `ours`, none that a journey emitted."
)
NO_ACTS = "No customer has an act in the window: send events with a `channel`, or choose an earlier window."
NO_PURCHASES = (
    "No purchase is declared: say under `report: purchases:` which event is one, and where its amount stands."
)
NONE_BOUGHT = "Nobody has bought anything in the window."


def listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def money(report: Reporting) -> str:
    """What is a purchase, revenue and margin, with the declarations."""
    bought = "; ".join(f"{each.event}.{each.revenue}" for each in report.purchases) or "nothing that is declared"
    back = "; ".join(f"{each.event}.{each.revenue}" for each in report.refunds) or "none declared"
    if any(each.margin for each in report.purchases):
        margin = ", ".join(f"{each.event}.{each.margin}" for each in report.purchases if each.margin)
        margin += f", else {report.margin:.6g} of the revenue" if report.margin is not None else ""
    else:
        margin = f"{report.margin:.6g} of the revenue" if report.margin is not None else "not declared"
    return (
        f"A purchase is {bought}, of 0 or more, and counts once for each customer, event and id. Revenue is "
        "purchases less refunds "
        f"({back}), each "
        f"when it happened. Margin: {margin}. Sums are exact."
    )


def span(ms: int) -> str:
    """2h, 7d, 90s: in the largest unit that divides it."""
    for size, unit in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s")):
        if ms % size == 0:
            return f"{ms // size} {unit}"
    return f"{ms} ms"
