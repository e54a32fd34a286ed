"""What ought to stand on the console's pages, out of raw keys and log entries alone: no function of the engine that a
page uses has a part in it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from engine.model.ids import SHARDS
from engine.runtime.store import Store

MESSAGES = ("sent", "held", "refused", "expired", "cancelled", "withdrawn", "held_out", "unknown")
Line = dict[str, Any]


class Ledger:
    """Everything that any log ever said. `look` often: what is erased or trimmed later stays known here."""

    def __init__(self, store: Store) -> None:
        self.redis = store.redis
        self._last = {f"{{p{shard:03d}}}:log": "-" for shard in range(SHARDS)}
        self.records: list[Line] = []
        self.steps: list[Line] = []  # that were come to, of verbs that make no record of their own

    def look(self) -> None:
        """Take down what is new."""
        pipe = self.redis.pipeline(transaction=False)
        for key, last in self._last.items():
            pipe.xrange(key, last)
        for key, rows in zip(self._last, pipe.execute(), strict=True):
            for name, fields in rows:
                self._last[key] = f"({name.decode()}"
                self.records += msgspec.msgpack.decode(fields[b"r"]) if fields.get(b"r") else []
                self.steps += msgspec.msgpack.decode(fields[b"s"]) if fields.get(b"s") else []

    def of(self, journey: str, *kinds: str) -> list[Line]:
        """The records of a journey, of these kinds."""
        return [each for each in self.records if each.get("journey") == journey and each["kind"] in kinds]

    def profiles(self) -> dict[str, Line]:
        """The blobs of all who are not merged into somebody."""
        found = {}
        for key in self.redis.keys("{p*}:profile:*"):
            blob = msgspec.msgpack.decode(self.redis.hget(key, "b"))
            if not blob.get("moved"):
                found[blob["id"]] = blob
        return found

    def inside(self, journey: str) -> Counter[tuple[str, str]]:
        """(version, step) -> enrolments that stand there."""
        return Counter(
            (run["version"], run.get("step", ""))
            for blob in self.profiles().values()
            for run in (blob.get("enrolments") or {}).values()
            if run["journey"] == journey
        )


def rule(record: Line) -> str:
    return str(record.get("reason", "")).partition(":")[0]
