"""One feed per kind of event: who, when and which id as columns, the properties built only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from examples.grocer import people
from examples.grocer.shop_time import at_hour, day_of, day_text
from examples.grocer.source import Ints, Table


@dataclass(frozen=True, slots=True)
class Feed:
    """All events of one kind. `household`, `at` (epoch seconds, UTC) and `ids` have one entry per event;
    `properties(i)` is what the i-th says."""

    event: str
    channel: str
    household: Ints
    at: Ints
    ids: list[str]
    properties: Callable[[int], dict[str, Any]]


def issued(households: Ints, first_seen: Ints, home_store: Ints) -> Feed:
    """`card_issued`, one minute before anything else is known of a household."""
    facts = [people.card(h, str(s)) for h, s in zip(households.tolist(), home_store.tolist(), strict=True)]
    ids = [f"card-{h}" for h in households.tolist()]
    return Feed("card_issued", "store", households, first_seen - 60, ids, facts.__getitem__)


def agreed(households: Ints, first_seen: Ints) -> Feed:
    """`consent_changed`, a second after the card, for each channel the household agreed to."""
    who: list[int] = []
    when: list[int] = []
    facts: list[dict[str, str]] = []
    for household, seen in zip(households.tolist(), first_seen.tolist(), strict=True):
        for consent in people.consents(household):
            who.append(household)
            when.append(seen - 59)
            facts.append(consent)
    ids = [f"consent-{h}-{fact['channel']}" for h, fact in zip(who, facts, strict=True)]
    return Feed("consent_changed", "store", np.array(who, np.int64), np.array(when, np.int64), ids, facts.__getitem__)


def received(households: Iterable[int | str] | None) -> Feed:
    """`coupon_received`: a campaign's coupons, posted to a household; here on its first day at 10:00 in the shop's
    zone. The channel is `partner`: a mailing house printed and posted them."""
    campaigns = Table("campaign_descriptions", ["campaign_id", "campaign_type", "start_date", "end_date"])
    starts = dict(zip(campaigns.ints("campaign_id").tolist(), campaigns.seconds("start_date").tolist(), strict=True))
    ends = dict(zip(campaigns.ints("campaign_id").tolist(), campaigns.seconds("end_date").tolist(), strict=True))
    kinds = dict(zip(campaigns.ints("campaign_id").tolist(), campaigns.texts("campaign_type"), strict=True))
    table = Table("campaigns", ["campaign_id", "household_id"], households)
    campaign, household = table.ints("campaign_id").tolist(), table.ints("household_id")

    def properties(i: int) -> dict[str, Any]:
        number = campaign[i]
        return {"campaign": str(number), "type": kinds[number], "ends": day_text(ends[number])}

    at = at_hour(np.array([starts[c] for c in campaign], np.int64), hour=10)
    ids = [f"coupons-{c}-{h}" for c, h in zip(campaign, household.tolist(), strict=True)]
    return Feed("coupon_received", "partner", household, at, ids, properties)


def redeemed(households: Iterable[int | str] | None, baskets: Feed, with_coupon: Ints) -> Feed:
    """`coupon_redeemed`: the data gives the day only, so one second after that day's basket with a coupon in it
    (`with_coupon` marks those of `baskets`), else after that day's first basket, else at noon."""
    columns = ["household_id", "coupon_upc", "campaign_id", "redemption_date"]
    table = Table("coupon_redemptions", columns, households)
    household, day = table.ints("household_id"), table.seconds("redemption_date")
    coupon, campaign = table.ints("coupon_upc").tolist(), table.ints("campaign_id").tolist()
    at = tills(household, day, baskets, with_coupon)
    ids = [
        f"redeemed-{h}-{k}-{c}-{day_text(d)}"
        for h, k, c, d in zip(household.tolist(), coupon, campaign, day.tolist(), strict=True)
    ]

    def properties(i: int) -> dict[str, Any]:
        return {"campaign": str(campaign[i]), "coupon": str(coupon[i])}

    return Feed("coupon_redeemed", "store", household, at, ids, properties)


def tills(household: Ints, day: Ints, baskets: Feed, with_coupon: Ints) -> Ints:
    """When a household stood at a till on a day: epoch seconds, one second behind the basket that counts."""
    chosen: dict[tuple[int, int], tuple[int, int]] = {}
    days = day_of(baskets.at).tolist()
    visits = zip(baskets.household.tolist(), days, with_coupon.tolist(), baskets.at.tolist(), strict=True)
    for who, on, used, when in visits:
        better = (0 if used else 1, when)
        if better < chosen.get((who, on), (2, 0)):
            chosen[who, on] = better
    keys = zip(household.tolist(), day.tolist(), at_hour(day, hour=12).tolist(), strict=True)
    found = [chosen[who, on][1] + 1 if (who, on) in chosen else noon for who, on, noon in keys]
    return np.array(found, np.int64)
