"""Records of decisions in the log of their shard: the field `d` of an entry that holds nothing else.

What was considered and left out is most of a record. It is kept by columns and by stage, which costs a fifth as much to
write; whoever reads it gets a Decision as ever.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct

from engine.model.action import Ranked, Removed
from engine.model.decision import Candidate, Decision, LeftOut
from engine.runtime.blob import pack
from engine.runtime.compression import compressed

FIELD = "d"
# What is made for other places, or came too late, is not kept.
UNSAID = frozenset({"placement", "arbitration"})
_MAP = (0x80, 0xDE)  # how msgpack begins a map of up to 15 fields, and of more


class Recorded(Struct, array_like=True, frozen=True):
    """A decision as it is kept: without its lists, which stand beside it by columns.

    `actions` are the candidates; `context` and `boost` map their places (from 0) to the factors that are not 1, and
    `kept`, `mandatory`, `suggested` and `chance` are the places where that is true. `removed` maps 'stage|rule' to
    actions. `numbers` are the propensities of all, then their wins, losses and values, eight bytes each.
    """

    decision: Decision
    actions: list[str]
    context: dict[int, float]
    boost: dict[int, float]
    kept: list[int]
    mandatory: list[int]
    suggested: list[int]
    chance: list[int]
    removed: dict[str, list[str]]
    numbers: bytes


_recorded = msgspec.msgpack.Decoder(Recorded)
_decision = msgspec.msgpack.Decoder(Decision)


def recorded(
    decision: Decision, ranked: Sequence[Ranked], suggested: frozenset[str], removed: Iterable[Removed]
) -> Recorded:
    """A decision without its lists, what reached arbitration (the best first), which of it journeys suggest, and what
    the stages took out."""
    made = [each.factors for each in ranked]
    believed = [each.belief for each in made]
    names = [each.action.name for each in ranked]
    return Recorded(
        decision,
        names,
        {place: each.context for place, each in enumerate(made) if each.context != 1.0},
        {place: each.boost for place, each in enumerate(made) if each.boost != 1.0},
        [place for place, each in enumerate(ranked) if each.kept],
        [place for place, each in enumerate(ranked) if each.action.mandatory],
        [place for place, name in enumerate(names) if name in suggested] if suggested else [],
        [place for place, each in enumerate(ranked) if each.chance],
        _by_stage(removed),
        struct.pack(
            f"<{4 * len(made)}d",
            *[each.propensity for each in made],
            *[each.wins for each in believed],
            *[each.losses for each in believed],
            *[each.value for each in made],
        ),
    )


def _by_stage(removed: Iterable[Removed]) -> dict[str, list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for each in removed:
        key = each.stage, each.rule
        if key in found:
            found[key].append(each.action)
        else:
            found[key] = [each.action]
    return {f"{stage}|{rule}": names for (stage, rule), names in found.items() if stage not in UNSAID}


def packed(record: Recorded) -> bytes:
    """For the log."""
    return compressed(pack(record))


def decision_of(record: Recorded) -> Decision:
    """The decision with its lists."""
    many, numbers = len(record.actions), struct.unpack(f"<{len(record.numbers) // 8}d", record.numbers)
    marks = [frozenset(each) for each in (record.kept, record.mandatory, record.suggested, record.chance)]
    candidates = []
    for place, action in enumerate(record.actions):
        propensity, wins, losses, value = numbers[place::many]
        context, boost = record.context.get(place, 1.0), record.boost.get(place, 1.0)
        kept, mandatory, suggested, chance = (place in mark for mark in marks)
        score = propensity * context * value * boost
        candidates.append(
            Candidate(
                action, propensity, wins, losses, context, value, boost, score, kept, mandatory, suggested, chance
            )
        )
    removed = [
        LeftOut(name, stage, rule)
        for stage, _, rule, names in ((*key.partition("|"), names) for key, names in record.removed.items())
        for name in names
    ]
    return msgspec.structs.replace(record.decision, candidates=candidates, removed=removed)


def read_decision(fields: Mapping[str, bytes]) -> Decision | None:
    """The decision that an entry of the log (as `ShardStore.read_log` gives it) tells of; None when it tells of
    something else."""
    found = fields.get(FIELD)
    if found is None:
        return None
    written = zlib.decompress(found)
    if written[0] & 0xF0 == _MAP[0] or written[0] == _MAP[1]:
        return _decision.decode(written)  # as it was kept before there were columns
    return decision_of(_recorded.decode(written))
