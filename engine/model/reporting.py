"""What reports go by: which events are purchases, answers to surveys, questions; what a contact costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.span import DAY, HOUR

# Events of which no customer is the author: what the engine hears of messages, and what a shop itself tells.
OURS = (
    *("action_outcome", "bounced", "complained", "consent_changed", "delivered", "identified", "opened"),
    *("prompt_answered", "unsubscribed"),
    *("associate_task", "case_answered", "case_closed", "case_escalated", "coupon_received", "order_delivered"),
    *("order_expired", "order_ready", "order_shipped", "price_dropped", "refund_paid"),
    *("return_received", "sale_assisted", "stock_back", "stock_gone", "tier_changed"),
)
OTHERS = "others"
PHYSICAL = ("store",)
DIGITAL = ("web", "app", "email", "sms", "push", "social")


@dataclass(frozen=True, slots=True)
class Trade:
    """An event by which money comes in (or goes back): the properties with the amount, the margin in it and the
    purchase's own id, '' where there is none."""

    event: str
    revenue: str
    margin: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """An answer to a survey: the property with the mark, and which texts other properties must have. For `csat`, from
    `good` on a customer is satisfied."""

    event: str
    score: str
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    good: float = 0.0


@dataclass(frozen=True, slots=True)
class Baskets:
    """A basket is known by the property `by`, touched by some events and emptied by others. `after` (ms) without a
    touch or a purchase it is abandoned; a purchase within `within` (ms) after that recovers it."""

    touched: tuple[str, ...]
    by: str
    emptied: tuple[str, ...] = ()
    after: int = 2 * HOUR
    within: int = 7 * DAY


@dataclass(frozen=True, slots=True)
class Answers:
    """What is asked and what answers it, with the same `by`; `within` is the promise (ms) by channel, OTHERS for the
    rest."""

    asked: str
    answered: tuple[str, ...]
    by: str
    within: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reporting:
    """`report:` of a workspace. Spans are ms; `costs` are those of one message by channel, `event_costs` those of one
    event; `assisted` is an event and its property with a purchase's id; `margin` the share of revenue that is margin
    where no event says it; `discount` what money costs in a year."""

    purchases: tuple[Trade, ...] = ()
    refunds: tuple[Trade, ...] = ()
    margin: float | None = None
    physical: tuple[str, ...] = PHYSICAL
    digital: tuple[str, ...] = DIGITAL
    ours: tuple[str, ...] = OURS
    marks: Mapping[str, Mark] = field(default_factory=dict)
    baskets: Baskets | None = None
    answers: Answers | None = None
    costs: Mapping[str, float] = field(default_factory=dict)
    event_costs: Mapping[str, float] = field(default_factory=dict)
    assisted: tuple[str, str] | None = None
    collected: str = ""
    lost_after: int = 60 * DAY
    pause: int = 30 * DAY
    linked: int = 7 * DAY
    discount: float = 0.1
