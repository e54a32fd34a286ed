"""The answer of `parcours decisions report` for the terminal: each measure with what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from engine.cli.figures import between, number, percent, put, row, shares, table
from engine.policy.wallclock import iso

if TYPE_CHECKING:
    from engine.report.decisions.measures import Accepted, Calibration, Contest, Measured, Nothing

ACCEPTED = (
    "offered: shown in an answer; seen: something was said of it afterwards (shown, accepted, ...);\n"
    "accepted of offered, with Wilson's interval."
)
FORESEEN = (
    "Offers in tenths by the predicted propensity (the mean of what was believed), and what was accepted.\n"
    "Brier: mean squared error. Calibration error: mean distance of predicted and accepted, over the offers."
)
NOTHING = "Where nothing (or only the fallback) was shown: what had taken the actions out, and how often."
CONTEST = "candidate: it was left when the stages had passed; first: it came first; then who came first instead."
DECIDES = "Of decisions with several candidates: how many would begin with another if the factor were 1 for all."
UPLIFT = (
    "For each customer who was decided about, from their first decision on; by the group they belonged to then.\n"
    "The difference of the means with its normal interval (Welch), and as a share of the control's (delta method)."
)


def show(found: Measured, console: Console | None = None) -> None:
    """All tables; what there is nothing of is left out."""
    console = console or Console(highlight=False)
    if not found.decisions:
        console.print("No decisions.")
        return
    first, last = (iso(each)[:10] for each in (found.first or 0, found.last or 0))
    console.print(
        f"{found.decisions:,} decisions about {found.customers:,} customers from {first} to {last}."
        f" Intervals at {percent(found.level)}.\n"
    )
    kinds = [each for each, rows in found.acceptance.items() if len(rows) > 1 or each == "action"]
    for by in kinds:
        put(console, _accepted(by, found.acceptance[by]), ACCEPTED if by == kinds[-1] else "")
    if found.calibration is not None:
        brier, error = number(found.calibration.brier), number(found.calibration.error)
        put(console, _calibration(found.calibration), f"{FORESEEN}\nBrier {brier}, calibration error {error}.")
    none = found.nothing
    often = f"Nothing: {shares(none.nothing)}. Only the fallback: {shares(none.fallback)}."
    put(console, _nothing(none), f"{NOTHING}\n{often}")
    for made, meaning in (
        (_contests(found.contests), CONTEST),
        (_sensitivity(found), DECIDES),
        (_uplift(found), UPLIFT),
    ):
        if made.row_count:
            put(console, made, meaning)


def _accepted(by: str, rows: list[Accepted]) -> Table:
    made = table(f"By {by}", by, "offered", "seen", "accepted", "declined", "share accepted")
    for each in rows:
        counts = (f"{count:,}" for count in (each.offered, each.seen, each.accepted, each.declined))
        row(made, each.name, *counts, shares(each.share))
    return made


def _calibration(found: Calibration) -> Table:
    made = table("Predicted and accepted", "predicted", "offered", "mean predicted", "accepted")
    for each in found.bins:
        span = f"{number(each.low)} to {number(each.high)}"
        row(made, span, f"{each.offered:,}", percent(each.predicted), shares(each.observed))
    return made


def _nothing(found: Nothing) -> Table:
    made = table("No action", "taken out by", "times")
    for stage, rule, count in found.why:
        row(made, f"{stage}: {rule}" if rule else stage, f"{count:,}")
    if not found.why:
        row(made, "(never)", "0")
    return made


def _contests(them: list[Contest]) -> Table:
    made = table("Who wins", "action", "candidate", "first", "share", "lost to")
    for each in them:
        lost = ", ".join(f"{name} {count:,}" for name, count in each.lost_to[:3])
        row(made, each.action, f"{each.candidate:,}", f"{each.first:,}", shares(each.share), lost)
    return made


def _sensitivity(found: Measured) -> Table:
    made = table("What decides", "factor", "decisions", "another first")
    for factor, (count, share) in found.sensitivity.items():
        if count:
            row(made, factor, f"{count:,}", shares(share))
    return made


def _uplift(found: Measured) -> Table:
    made = table("Uplift over the control group", "measure", "chosen", "control", "difference", "relative")
    for each in found.uplift:
        means = (f"{number(group.mean)} ({group.units:,})" for group in (each.treated, each.control))
        row(made, each.measure, *means, between(each.difference), shares(each.relative))
    return made
