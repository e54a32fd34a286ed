"""What reports say of messages that are in doubt, and messages that a report knows by the provider's own id only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.model.event import ARRIVED
from engine.model.ids import parted, shard_of_message
from engine.model.receipt import Receipt
from engine.runtime import keys
from engine.runtime.commit import KEEP_MESSAGE
from engine.runtime.store import Store


def remember(store: Store, source: str, provider_id: str, attempt: str) -> None:
    """Keep which attempt a provider, which reports as `source`, calls by an id of its own."""
    store.redis.set(keys.named(source, provider_id), attempt, px=KEEP_MESSAGE)


def with_names(store: Store, receipts: Sequence[Receipt]) -> list[Receipt]:
    """The receipts, each with the attempt that its provider's own id stands for where it names no message itself."""
    pipe, asked = store.pipeline(), [each.provider_id for each in receipts if _nameless(each)]
    for receipt in receipts:
        if _nameless(receipt):
            pipe.get(keys.named(receipt.source, receipt.provider_id))
    found = iter(pipe.execute() if asked else [])
    return [
        replace(each, message=(next(found) or b"").decode() or each.message) if _nameless(each) else each
        for each in receipts
    ]


def _nameless(receipt: Receipt) -> bool:
    return bool(receipt.provider_id) and not parted(receipt.message)[0]


def end_doubts(store: Store, receipts: Iterable[Receipt]) -> None:
    """What these report ends the doubt about their messages: they are not listed as unknown any more."""
    pipe, count = store.pipeline(), 0
    for receipt in receipts:
        message, channel = parted(receipt.message)
        if message:
            shard, attempt = shard_of_message(message), receipt.message if channel else ""
            arrived = "1" if receipt.happened in ARRIVED else ""
            names = [keys.message(shard, message), keys.doubtful(shard)]
            store.call("heard", names, message, attempt, receipt.happened, arrived, pipe=pipe)
            count += 1
    if count:
        pipe.execute()
