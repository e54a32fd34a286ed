"""What sources have sent that is no event of ours: kept for a week, listed among the dead letters, read once more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from engine.define.mapping import meant
from engine.model.errors import BadEvent
from engine.runtime import keys
from engine.runtime.bells import Noted
from engine.runtime.dead import Letter
from engine.runtime.ingest import accept
from engine.runtime.store import Store

MOST = 10_000  # letters of all sources together
LASTS = 7 * 86_400_000  # ms
LARGEST = 20_000  # bytes of one; the reason of a larger one is kept without it


def keep(store: Store, source: str, headers: Mapping[str, str], refused: Sequence[tuple[Any, str]], at: int) -> None:
    """Set aside what a source has sent at engine time `at`, each with what is wrong with it, and with the headers that
    the source's document looks at."""
    if not refused:
        return
    pipe = store.pipeline()
    for sent, reason in refused:
        fields = {"source": source, "sent": _packed(sent, headers), "reason": reason[:500], "at": at}
        pipe.xadd(keys.REFUSED, fields, maxlen=MOST, approximate=True)
    pipe.pexpire(keys.REFUSED, LASTS)
    pipe.execute()


def _packed(sent: Any, headers: Mapping[str, str]) -> bytes:
    """What is kept of it; nothing when it is too large, or holds a number that no machine has room for."""
    try:
        packed = msgspec.msgpack.encode({"body": sent, "headers": dict(headers)})
    except (OverflowError, RecursionError, ValueError):
        packed = b""
    return packed if 0 < len(packed) <= LARGEST else msgspec.msgpack.encode({"body": None, "headers": {}})


def forget(store: Store, before: int) -> None:
    """Delete what was set aside before a server time (epoch ms)."""
    store.redis.xtrim(keys.REFUSED, minid=f"{before}-0", approximate=False)


def again(store: Store, letters: Iterable[Letter]) -> int:
    """Read letters anew, by the plan of now; how many were taken in. Their events are the same as ever."""
    from engine.runtime.plans import PublishedPlans

    many = list(letters)
    if not many:
        return 0
    pulse = store.pulse()
    plan, taken = PublishedPlans(store).at(pulse.plan).plan, 0
    for letter in many:
        source, sent = plan.sources.get(letter.source), letter.sent or {}
        if source is None or sent.get("body") is None:
            continue
        try:
            events = meant(source, plan.vocabulary, sent["body"], sent["headers"], letter.at)
            if events:
                accept(store, plan, events, Noted())
        except BadEvent:
            continue
        taken += bool(store.redis.xdel(keys.REFUSED, letter.entry))
    return taken
