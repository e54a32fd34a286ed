"""What may be written in `report:`."""

from __future__ import annotations

from pydantic import Field

from engine.define.shapes import Shape
from engine.model.reporting import DIGITAL, OURS, PHYSICAL


class TradeShape(Shape):
    """An event by which money comes in, or goes back."""

    revenue: str = Field(description="The property with the amount, taxes as you like: total.")
    margin: str = Field(default="", description="The property with the margin in it.")
    id: str = Field(default="", description="The property that names the purchase; told twice, it counts once.")


class MarkShape(Shape):
    """An answer to a survey."""

    event: str = Field(description="The event: survey_answered.")
    score: str = Field(description="The property with the mark: score.")
    only: dict[str, str | list[str]] = Field(
        default_factory=dict, description="Only where these properties say so: {survey: nps}."
    )
    good: float | None = Field(default=None, description="csat: from this mark on a customer is satisfied.")


class BasketsShape(Shape):
    """When a basket is abandoned, and when it is recovered."""

    touched: list[str] = Field(description="The events that change it: [basket_updated].")
    by: str = Field(description="The property that names it: basket_id.")
    emptied: list[str] = Field(default_factory=list, description="The events after which it is empty.")
    after: str = Field(default="2h", description="Untouched for so long it is abandoned.")
    within: str = Field(default="7d", description="A purchase so soon after that recovers it.")


class AnswersShape(Shape):
    """How fast questions are answered."""

    asked: str = Field(description="The event that asks: case_opened.")
    answered: list[str] = Field(description="The events that answer: [case_answered, case_closed].")
    by: str = Field(description="The property that both have: case_id.")
    within: dict[str, str] = Field(
        default_factory=dict, description="What is promised, by channel: {social: 10m, others: 30m}."
    )


class CostsShape(Shape):
    """What contacts cost, in the money of the purchases."""

    messages: dict[str, float] = Field(default_factory=dict, description="One message, by channel: {sms: 0.06}.")
    events: dict[str, float] = Field(default_factory=dict, description="One event: {case_opened: 4.50}.")


class AssistedShape(Shape):
    """Which purchases an associate helped with."""

    event: str = Field(description="The event that says so: sale_assisted.")
    by: str = Field(description="Its property with the id of the purchase: order_id.")


class ReportShape(Shape):
    """The whole file."""

    purchases: dict[str, TradeShape] | None = Field(default=None, description="Events that are purchases.")
    refunds: dict[str, TradeShape] | None = Field(default=None, description="Events by which money goes back.")
    margin: str | None = Field(default=None, description="The margin where no event says it: 30% of the revenue.")
    physical: list[str] = Field(default_factory=lambda: list(PHYSICAL), description="Channels with people and places.")
    digital: list[str] = Field(default_factory=lambda: list(DIGITAL), description="Channels on a screen.")
    ours: list[str] = Field(default_factory=lambda: list(OURS), description="Events that are no act of a customer.")
    satisfaction: dict[str, MarkShape] | None = Field(
        default=None, description="csat (share of satisfied), nps (marks from 0 to 10) and ces (mean effort)."
    )
    baskets: BasketsShape | None = Field(default=None, description="When a basket is abandoned.")
    answers: AnswersShape | None = Field(default=None, description="How fast questions are answered.")
    costs: CostsShape = Field(default_factory=CostsShape, description="What contacts cost.")
    assisted: AssistedShape | None = Field(default=None, description="Which purchases an associate helped with.")
    collected: str | None = Field(default=None, description="The event by which an order is collected in a shop.")
    lost_after: str = Field(default="60d", description="Without a purchase for so long a customer is lost.")
    pause: str = Field(default="30d", description="After so long without an act a path between channels is over.")
    linked: str = Field(default="7d", description="How long what was done on one channel counts for another.")
    discount: str = Field(default="10%", description="What money costs in a year.")
