"""Everything that is held of one customer, as plain data: what an export hands out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec

from engine.journey.outlook import outlook
from engine.model.ids import shard_of
from engine.model.profile import Profile
from engine.policy.wallclock import iso
from engine.runtime import keys
from engine.runtime.asking.fetch import RESERVED
from engine.runtime.asking.words import read_tellings
from engine.runtime.asking.written import read_answer
from engine.runtime.attempt import read_copy
from engine.runtime.blob import read_arrival, read_profile, read_records
from engine.runtime.dead import letters
from engine.runtime.decisions import read_decision
from engine.runtime.engine import Engine
from engine.runtime.find import find

PAGE = 1_000
# How the store looks after a profile: nothing that is known of the customer.
_HOUSEKEEPING = (
    "schema",
    "version",
    "into",
    "moved",
    "forced",
    "given",
    "stood",
    "recheck",
    "schedules",
    "frozen",
    "stamps",
)


def profile_of(engine: Engine, who: str) -> Profile:
    """The profile of `who` (see `find`), empty while their first event is still to be processed.

    Raises UnknownProfile, and SetupError when no plan was published.
    """
    running = engine.running()
    profile_id = find(engine.store, running.plan, who)
    blob = engine.store.shards.profiles([profile_id]).get(profile_id)
    profile = read_profile(blob) if blob is not None else Profile(id=profile_id, label=who)
    engine.plans.provide(running, profile)
    return profile


def summary(engine: Engine, who: str) -> dict[str, Any]:
    """What is known of a customer, and what is planned. Instants are ISO text. Raises as `profile_of`."""
    profile = profile_of(engine, who)
    pulse = engine.store.pulse()
    planned = outlook(engine.plans.at(pulse.plan).plan, profile, pulse.time.engine, pulse.flags)
    return {
        "profile": profile.id,
        "customer": profile.label,
        "identifiers": profile.identifiers,
        "merged": profile.absorbed,
        "seen": iso(profile.seen) if profile.seen else None,
        "attributes": profile.attributes,
        "consent": {
            key: {"state": each.state, "at": iso(each.at), "source": each.source, "wording": each.wording}
            for key, each in sorted(profile.consent.items())
        },
        "dead": profile.dead,
        "suppressed": {name: iso(until) if until else "while it holds" for name, until in profile.suppressed.items()},
        "offers": {
            name: {outcome: iso(at) for outcome, at in sorted(offer.said.items(), key=lambda each: each[1])}
            for name, offer in sorted(profile.offers.items())
        },
        "table": [
            {
                "action": each.action,
                "kept_off": off,
                "placements": each.placements,
                "until": iso(each.until),
                "journey": each.journey,
            }
            for off, many in ((False, profile.suggestions), (True, profile.silenced))
            for each in many
            if each.until > pulse.time.engine
        ],
        "segments": sorted(profile.segments),
        "journeys": [
            {"journey": run.journey, "key": run.key, "step": run.step, "since": iso(run.since or run.started)}
            for run in profile.enrolments.values()
        ],
        "planned": [
            {
                "at": iso(each.at) if each.at is not None else None,
                "what": each.what,
                "journey": each.journey,
                "name": each.name,
                "place": str(each.place),
            }
            for each in planned
        ],
    }


def everything(engine: Engine, who: str) -> dict[str, Any]:
    """The summary, and all that lies behind it: events, runs, messages with their text, log, timeline, dead letters.

    In what lies behind, instants are epoch ms. Raises as `profile_of`.
    """
    profile = profile_of(engine, who)
    state = msgspec.to_builtins(profile)
    ids = [*profile.absorbed, profile.id]
    return {
        **summary(engine, profile.id),
        "events": [
            {"event": name, "id": past.id, "at": iso(past.at), "properties": past.data}
            for name, many in sorted(profile.history.items())
            for past in many
        ],
        "state": {name: value for name, value in state.items() if name not in (*_HOUSEKEEPING, "history")},
        "messages": [message for each in ids for message in _messages(engine, each)],
        "waiting": [event for each in ids for event in _inbox(engine, each)],
        "timeline": [msgspec.to_builtins(line) for each in ids for line in engine.store.shards.timeline(each)],
        "log": [line for each in ids for line in _log(engine, each)],
        "decisions": [decision for each in ids for decision in _decisions(engine, each)],
        "words": [said for each in ids for said in _words(engine, each)],
        "answers": [answer for each in ids for answer in _answers(engine, each)],
        "set_aside": [
            {"id": letter.id, "at": iso(letter.at), "what": letter.what, "reason": letter.reason}
            for letter in letters(engine.store, shards=sorted({shard_of(each) for each in ids}))
            if letter.profile in ids
        ],
    }


def _messages(engine: Engine, profile: str) -> Iterator[dict[str, Any]]:
    """What was handed to providers, with the text as it was rendered, while that is kept."""
    for message in engine.store.shards.copies(profile):
        fields = engine.store.shards.message(message, shard_of(profile))
        copy = read_copy(fields)
        said = {name: value.decode("utf-8", "replace") for name, value in fields.items() if name != "copy"}
        yield {"id": message, **said, "parts": copy.parts if copy is not None else {}}


def _inbox(engine: Engine, profile: str) -> Iterator[dict[str, Any]]:
    """Events that were accepted and are still to be processed."""
    for blob in engine.store.shards.inbox(shard_of(profile)):
        with suppress(msgspec.DecodeError):
            arrival = read_arrival(blob)
            if arrival.profile == profile:
                yield dict(msgspec.to_builtins(arrival.event))


def _log(engine: Engine, profile: str) -> Iterator[dict[str, Any]]:
    after = "-"
    while page := engine.store.shards.read_log(shard_of(profile), after, PAGE):
        for _, fields in page:
            if fields.get("p") == profile.encode():
                yield from (msgspec.to_builtins(record) for record in read_records(fields.get("r", b"")))
        if len(page) < PAGE:
            return
        after = page[-1][0]


def _decisions(engine: Engine, profile: str) -> Iterator[dict[str, Any]]:
    """What placements were told of them, and what it was chosen from."""
    after = "-"
    while page := engine.store.shards.read_log(shard_of(profile), after, PAGE):
        for _, fields in page:
            if fields.get("p") == profile.encode() and (decision := read_decision(fields)) is not None:
                yield dict(msgspec.to_builtins(decision))
        if len(page) < PAGE:
            return
        after = page[-1][0]


def _words(engine: Engine, profile: str) -> Iterator[dict[str, Any]]:
    for action, packed in engine.store.redis.hgetall(keys.words(shard_of(profile), profile)).items():
        for telling in read_tellings(packed):
            yield {"action": action.decode(), "at": iso(telling.at), "locale": telling.locale, **telling.forms}


def _answers(engine: Engine, profile: str) -> Iterator[Any]:
    """What is told again when the same is asked again."""
    for request in engine.store.shards.asked(profile):
        packed = engine.store.redis.get(keys.request(request))
        if packed is not None and packed != RESERVED:
            yield read_answer(packed)
