"""Receipts become events on the customer, and what they withdraw is withheld from the same instant on.

A receipt finds its customer by the message it is about. One that cannot be taken in is set aside with its
reason, without any address: an erased customer leaves nothing there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from engine.journey.arrival import arrive
from engine.journey.blocks import blocks_of, said_of
from engine.model.event import Event
from engine.model.ids import parted, shard_of_message, token
from engine.model.plan import Plan
from engine.model.policy import INTERNAL
from engine.model.receipt import Odd, Receipt, Took
from engine.model.span import DAY
from engine.policy.wallclock import iso
from engine.runtime import keys
from engine.runtime.bells import Bells
from engine.runtime.blob import Arrival
from engine.runtime.heard import end_doubts, with_names
from engine.runtime.relay import append_home, event_append
from engine.runtime.shard_data import Append
from engine.runtime.store import Store

MOST_ASIDE = 10_000
LONGEST = 500  # characters of what a provider says in words
UNKNOWN = "nothing is kept of such a message: it is over thirty days old, of an erased customer, or not ours"
WITHDRAW = ("bounced", "complained", "unsubscribed")
REMEMBERED = 8 * DAY  # as long as an inbox remembers the ids of its events
_WANTED = ("profile", "channel", "address", "purpose")


def take_receipts(store: Store, plan: Plan, receipts: Sequence[Receipt], bells: Bells) -> list[Took]:
    """Take each in, once, and say what became of it. What it withdraws holds when this returns."""
    receipts = with_names(store, receipts)
    now, kept = store.clock().engine, _kept(store, receipts)
    undated = [_name(each) for each in receipts if not each.at and each.happened in WITHDRAW]
    at_of = first_heard(store, undated, now)
    receipts = [replace(each, at=each.at or at_of.get(_name(each), now)) for each in receipts]
    answers: list[Took | None] = []
    appends: list[Append] = []
    heard: list[Event] = []
    firsts: dict[int, int] = {}  # receipt -> the first of its events among `appends`
    for index, (receipt, found) in enumerate(zip(receipts, kept, strict=True)):
        channel = parted(receipt.message)[1] or receipt.channel or found.get("channel", "")
        events = _events(plan, receipt, found, channel, now)
        heard += events
        if not found.get("profile"):
            answers.append(Took("aside", reason=UNKNOWN))
            continue
        if found.get("purpose") == INTERNAL.name:  # what our own people do with their mail is nothing of the customer's
            answers.append(Took("accepted", found["profile"]))
            continue
        answers.append(None)
        firsts[index] = len(appends)
        # no label: where nobody is any more, no customer begins with a receipt
        appends += [event_append(Arrival(found["profile"], "", each), each.id, blocks_of(each)) for each in events]
    # also for a message that nobody remembers: the address is the one that was refused
    store.addresses.hear(said for event in heard if (said := said_of(plan, event)) is not None)
    new = append_home(store, bells, appends)
    end_doubts(store, (each for each, found in zip(receipts, kept, strict=True) if found.get("profile")))
    for index, first in firsts.items():
        answers[index] = Took("accepted" if new[first] else "duplicate", kept[index]["profile"])
    took = [answer for answer in answers if answer is not None]
    pairs = zip(receipts, took, strict=True)
    odd = [Odd(of.source, of.id, of.happened, of.message, each.reason) for of, each in pairs if each.status == "aside"]
    set_aside(store, odd, now)
    return took


def first_heard(store: Store, names: Sequence[str], now: int) -> dict[str, int]:
    """When each was heard first, by `now`: what comes again counts from then, and takes back nothing said since."""
    pipe = store.pipeline()
    for name in names:
        pipe.set(keys.report(name), now, nx=True, get=True, px=REMEMBERED)
    before = pipe.execute() if names else []
    return {name: int(at) if at is not None else now for name, at in zip(names, before, strict=True)}


def set_aside(store: Store, odd: Sequence[Odd], now: int) -> None:
    """Keep these for whoever looks into it; the oldest go first. `now` is engine time."""
    pipe = store.pipeline()
    for each in odd:
        fields: dict[Any, Any] = {name: text[:LONGEST] for name, text in asdict(each).items()}
        pipe.xadd(keys.ASIDE, {"at": now, **fields}, maxlen=MOST_ASIDE, approximate=True)
    if odd:
        pipe.execute()


def aside(store: Store, limit: int = 100) -> list[dict[str, str]]:
    """What was set aside, the newest first; instants in ISO 8601."""
    found = []
    for _, fields in store.redis.xrevrange(keys.ASIDE, count=limit):
        said = {name.decode(): value.decode("utf-8", "replace") for name, value in fields.items()}
        found.append({**said, "at": iso(int(said["at"]))})
    return found


def _kept(store: Store, receipts: Sequence[Receipt]) -> list[dict[str, str]]:
    """What is kept of each message; {} where nothing is."""
    pipe, asked = store.pipeline(), []
    for index, receipt in enumerate(receipts):
        message, _ = parted(receipt.message)
        if message:
            pipe.hmget(keys.message(shard_of_message(message), message), _WANTED)
            asked.append(index)
    found: list[dict[str, str]] = [{} for _ in receipts]
    for index, values in zip(asked, pipe.execute() if asked else [], strict=True):
        found[index] = {name: value.decode() for name, value in zip(_WANTED, values, strict=True) if value}
    return found


def _events(plan: Plan, receipt: Receipt, kept: dict[str, str], channel: str, now: int) -> list[Event]:
    """What a receipt says, as events: a withdrawal is one for each purpose that it concerns."""
    properties: dict[str, Any] = {"channel": channel, "message": receipt.message}
    address = receipt.address or (kept.get("address", "") if kept.get("channel") == channel else "")
    name = _name(receipt)
    if receipt.happened in WITHDRAW and address:
        properties["address"] = address
    if receipt.happened == "bounced":
        properties |= {"kind": "hard" if receipt.hard else "soft", "reason": receipt.reason[:LONGEST]}
    if receipt.happened == "clicked" and receipt.link:
        properties["link"] = receipt.link[:2_000]
    if receipt.happened not in ("complained", "unsubscribed"):
        return [_event(receipt, name, receipt.happened, channel, properties, now)]
    properties["source"] = f"{receipt.source} {receipt.reason}".strip()[:LONGEST]
    wanted = receipt.purpose or kept.get("purpose", "")
    purposes = [each.name for each in plan.policies.purposes.values() if not each.transactional] or ["marketing"]
    first, others = (wanted, []) if wanted in purposes else (purposes[0], purposes[1:])
    if receipt.happened == "complained":  # whoever calls it spam wants none of it
        others = [each for each in purposes if each != first]
    events = [_event(receipt, name, receipt.happened, channel, {**properties, "purpose": first}, now)]
    for other in others:
        more = {**properties, "purpose": other}
        events.append(_event(receipt, f"{name}-{other}", "unsubscribed", channel, more, now))
    return events


def _name(receipt: Receipt) -> str:
    return token("receipt", receipt.source, receipt.id, receipt.message)


def _event(receipt: Receipt, id_: str, name: str, channel: str, properties: dict[str, Any], now: int) -> Event:
    given = {key: value for key, value in properties.items() if value}
    made = Event(id=id_, name=name, profile={}, at=receipt.at, received=now, channel=channel, properties=given)
    return arrive(made, now)
