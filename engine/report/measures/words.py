"""Sentences that several definitions share, so that one word means one thing in all of them."""

from __future__ import annotations

from collections.abc import Iterable

from engine.model.plan import Plan
from engine.model.reporting import Reporting
from engine.model.span import DAY, HOUR, MINUTE, SECOND

CUSTOMER = (
    "A customer is a profile; profiles that were merged, at whatever time, are one, and who was erased is gone. "
    "Somebody whom nobody has recognised yet is a customer of their own."
)
ACT = (
    "An act is an event that the customer is the author of: it has a channel, no journey has emitted it, and it is "
    "none "
    "of those that tell what we did (`ours`). It counts when it happened, not when it arrived."
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
        f"A purchase is {bought}, of 0 or more; what is told twice with one id counts once. Revenue is the sum of "
        "purchases "
        f"less refunds ({back}), each in the window in which it happened; an amount below 0 is a refund. Margin: "
        f"{margin}. "
        "An amount that is missing or no number adds nothing. Sums are exact; only what is shown is rounded."
    )


def window(plan: Plan) -> str:
    return f"The days of a window are those of {plan.policies.timezone}, and its end is not part of it."


def span(ms: int) -> str:
    """2h, 7d, 90s: in the largest unit that divides it."""
    for size, unit in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s")):
        if ms % size == 0:
            return f"{ms // size} {unit}"
    return f"{ms} ms"
