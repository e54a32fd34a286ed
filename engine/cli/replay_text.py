"""The answer of `parcours decisions replay` for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from engine.cli.figures import between, number, percent, put, row, table

if TYPE_CHECKING:
    from engine.report.decisions.estimate import Worth
    from engine.report.decisions.replay import Replayed

# Below so many choices that count in full, or this share of them, an estimate rests on little.
FEW, SMALL = 100, 0.01
NEAR = 1e-9
DEFINED = (
    "For each choice; r is its reward, w its chance under the policy / its logged chance.\n"
    "IPS: sum(w r) / n. SNIPS: sum(w r) / sum(w). DR: what a model of the reward expects,\n"
    "corrected by its weighted errors. gain: over what was done, by DR, else SNIPS.\n"
    "effective: so many choices in full, sum(w)^2 / sum(w^2). Weights: {clip}.\n"
    "Intervals: {interval}; customers are the units."
)


def show(found: Replayed, console: Console | None = None) -> None:
    """The table, what is to be doubted, and what was left out."""
    console = console or Console(highlight=False)
    clip = "none is cut" if found.clip is None else f"cut at {found.clip:g}"
    caption = DEFINED.format(interval=found.interval, clip=clip)
    made = table(f"Worth in {found.reward}", "policy", "by", "value", f"{percent(found.level)} interval")
    if found.policies:
        row(made, "what was done", "mean", *_cells(between(found.policies[0].logged)))
    for each in found.policies:
        row(made, each.policy, "IPS", *_cells(between(each.ips)))
        row(made, "", "SNIPS", *_cells(between(each.snips)))
        if each.dr is not None:
            row(made, "", "DR", *_cells(between(each.dr)))
        row(made, "", "gain", *_cells(between(each.gain)))
        row(made, "", "effective", f"{each.effective:,.0f}", f"largest weight {number(each.largest)}")
        row(made, "", "no support", percent(each.unsupported), "", end_section=True)
    if found.learner is not None:
        row(made, "learner, as it learns", "replay", *_cells(between(found.learner.value)))
        row(made, "", "taken up", f"{found.learner.taken:,}", f"mean of {found.learner.lives} lives")
    put(console, made, caption)
    for each in found.policies:
        for doubt in doubts(each):
            console.print(f"[bold]! {escape(each.policy)}:[/] {escape(doubt)}", soft_wrap=True)
    for why, count in sorted(found.left_out.items(), key=lambda each: -each[1]):
        console.print(f"left out: {count:,} decisions: {why}.", soft_wrap=True)
    console.print(f"{found.choices:,} choices of {found.customers:,} customers among {found.actions:,} actions.")


def _cells(text: str) -> tuple[str, str]:
    value, _, rest = text.partition(" ")
    return value, rest


def doubts(each: Worth) -> list[str]:
    """What whoever reads the estimates has to know before believing them."""
    found = []
    if each.unsupported > 0.0005:
        found.append(
            f"{percent(each.unsupported)} of what it shows could not have been shown where this was logged: of that"
            " the data say nothing. IPS counts it as no success, SNIPS leaves it out, DR believes its model."
        )
    if each.effective < max(FEW, SMALL * each.choices):
        found.append(
            f"its {each.choices:,} choices weigh as {each.effective:,.0f}: the intervals are wide, and may still be too"
            " narrow."
        )
    wanted = each.mass * (1 - each.unsupported)
    if not each.clipped and not each.mean_weight.low - NEAR <= wanted <= each.mean_weight.high + NEAR:
        found.append(
            f"the mean of its weights is {between(each.mean_weight)} and not {number(wanted)}: the logged"
            " probabilities seem not to be those by which it was chosen."
        )
    if each.clipped:
        found.append(f"{percent(each.clipped)} of its weights were cut: IPS is too low where rewards are above 0.")
    return found
