"""The year of one household in plain sentences, with the reason for everything that was not sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.model.record import Record
from examples.grocer.source import ZONE

BY = {"email": "by e-mail", "push": "by push", "sms": "by text message", "store": "on the associate's tablet"}
AGREED = {"email": "e-mail", "push": "push", "sms": "text messages"}
WIDTH = 18  # of 'Wed 01 Feb 00:00  '


def story(household: int, records: Sequence[Record], events: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Lines about one household: who it is, then what happened at each instant at which a journey did something.

    `records` are its own, in order; of `events` the other households' are passed over.
    """
    happened: dict[int, list[Mapping[str, Any]]] = {}
    card: Mapping[str, Any] = {}
    agreed, baskets = [], 0
    for event in events:
        if event["profile"]["household"] != str(household):
            continue
        facts = event["properties"]
        happened.setdefault(round(datetime.fromisoformat(event["at"]).timestamp() * 1000), []).append(event)
        card = facts if event["event"] == "card_issued" else card
        baskets += event["event"] == "order_placed"
        if event["event"] == "consent_changed":
            agreed.append(AGREED[facts["channel"]])
    yield (
        f"Household {household}: {baskets} baskets. We call it {card['first_name']}, and let it agree to "
        f"{' and '.join(agreed) or 'no messages'}: both made up."
    )
    last = ""
    for record in records:
        when = moment(record.at)
        lines = [sentence(record)]
        if when != last:
            lines[:0] = [what for event in happened.get(record.at, ()) if (what := occasion(event))]
        for line in lines:
            yield f"{when if when != last else '':<{WIDTH}}{line}"
            last = when


def moment(at: int) -> str:
    """Epoch ms as the shop's clock shows it: 'Wed 01 Feb 00:00'."""
    return f"{datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(ZONE)):%a %d %b %H:%M}"


def occasion(event: Mapping[str, Any]) -> str:
    """An event as a sentence; '' for one that needs no words."""
    facts = event["properties"]
    if event["event"] == "order_placed":
        items = f"{facts['items']} items" if facts["items"] != 1 else "1 item"
        return f"A basket: {items}, ${facts['total']:.2f}."
    if event["event"] == "coupon_received":
        return f"Coupons of campaign {facts['campaign']} ({facts['type']}) arrive."
    if event["event"] == "coupon_redeemed":
        return f"A coupon of campaign {facts['campaign']} is used."
    return "The card is issued." if event["event"] == "card_issued" else ""


def sentence(record: Record) -> str:
    """A record as a sentence, with the file and line that made it so."""
    rule, _, observed = record.reason.partition(": ")
    place = f"  [{record.place}]" if record.place else ""
    by = BY.get(record.channel, "")
    if record.kind == "started":
        text = f"{record.journey} starts."
    elif record.kind == "sent":
        text = f"The message {record.message} leaves {by}."
    elif record.kind == "suggested":
        text = f"{(record.extra or {}).get('action')} is on the table, wherever somebody asks."
    elif record.kind == "held":
        until = moment(record.until) if record.until is not None else "later"
        text = f"{record.message} {by} is held until {until}: {rule.replace('_', ' ')}, {observed}."
    elif record.kind == "held_out":
        text = f"{record.message} is kept back: this household is in the group that is not written to, to compare."
    elif record.kind == "cancelled":
        text = f"{record.message}, which was held, is not sent any more: {rule}, {observed}."
    elif record.kind == "ended":
        why = {"goal": f", its goal reached: {observed}", "completed": "", "stop": f": {observed}"}
        text = f"{record.journey} is over{why.get(rule, f': {record.reason}')}."
    else:
        text = f"{record.message} is not sent ({record.kind}): {rule.replace('_', ' ')}, {observed}."
    return text + place
