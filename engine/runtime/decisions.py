"""Records of decisions in the log of their shard: the field `d` of an entry that holds nothing else."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import msgspec

from engine.model.decision import Decision
from engine.runtime.blob import pack

FIELD = "d"
_decoder = msgspec.msgpack.Decoder(Decision)


def packed(decision: Decision) -> bytes:
    """For the log; the names of what is considered and left out are most of it, and much alike."""
    return zlib.compress(pack(decision), 1)


def read_decision(fields: Mapping[str, bytes]) -> Decision | None:
    """The decision that an entry of the log (as `ShardStore.read_log` gives it) tells of; None when it tells of
    something else."""
    found = fields.get(FIELD)
    return _decoder.decode(zlib.decompress(found)) if found is not None else None
