"""`parcours rebuild`: the state of Redis out of the archive, by the same core over the same inputs."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from engine.model.errors import SetupError
from engine.model.profile import Profile
from engine.report.archive.codes import restore_codes
from engine.report.archive.lessons import Learned, PastLessons, all_of
from engine.report.archive.manifest import read_manifest
from engine.report.archive.past import Past, past
from engine.report.archive.place import Place
from engine.report.archive.plans import read_plans
from engine.report.archive.reading import connect
from engine.report.archive.rebuilding import Shard, on_their_way
from engine.report.archive.segment import FOLDER, read_name
from engine.report.archive.settling import settle_what_was_due
from engine.report.archive.sources import ArchivedPlans
from engine.report.archive.writing import tell_cursor, write_identities, write_installation, write_lesson, write_shard
from engine.runtime import keys
from engine.runtime.blob import read_profile
from engine.runtime.commit import KEEP_MESSAGE
from engine.runtime.decide import Moment
from engine.runtime.relay import append_home, letter_append

if TYPE_CHECKING:
    from engine.runtime.bells import Bells
    from engine.runtime.store import Store


@dataclass
class Rebuilt:
    """What came of it. `unknown` are messages of which nobody can say whether they left, `letters` what was on its way
    between shards, `faults` what cannot be decided any more as it was."""

    entries: int = 0
    customers: int = 0
    last: int = 0
    unknown: list[str] = field(default_factory=list)
    letters: int = 0
    faults: list[str] = field(default_factory=list)


def _silent(shard: int) -> None:
    return None


def rebuild(
    store: Store,
    place: Place,
    bells: Bells,
    lost_at: int | None = None,
    told: Callable[[int], None] = _silent,
) -> Rebuilt:
    """Fill an empty store. What was due by `lost_at` (engine ms; None: by now) counts as if it may have left.

    `told` hears of each shard that is done. Raises SetupError when the store is not empty or there is no archive.
    """
    manifest = read_manifest(place)
    if manifest is None:
        raise SetupError("There is no archive at this place.")
    _must_be_empty(store)
    plans, now = ArchivedPlans(read_plans(place)), store.clock()
    made = Rebuilt()
    people: list[Profile] = []
    shards: list[Shard] = []
    with tempfile.TemporaryDirectory(prefix="parcours-") as folder, connect(place, Path(folder)) as db:
        current = write_installation(store, db, plans.released, manifest.store)
        restore_codes(store, place)
        lessons = PastLessons(db)
        for number, entries in groupby(past(db), key=lambda entry: entry.shard):
            shard = Shard(number, store.timeline, now.server - KEEP_MESSAGE)
            for entry in entries:
                shard.take(_moment(plans, lessons, entry), entry)
                made.entries += 1
                made.last = max(made.last, entry.at)
            made.customers += write_shard(store, shard, now.server)
            people += _known(shard)
            made.faults += shard.faults
            shards.append(_letters_only(shard))
            told(number)
    if current:
        plan = plans.at(current).plan
        write_identities(store, people, plan.vocabulary.strong)
        if tried := {each.number: each.tried for each in shards if each.tried}:
            write_lesson(store, all_of(tried, lessons.last + 1, made.last, plan.policies.learning.half_life))
        tell_cursor(store, _next_segment(place, manifest.compacted))
        letters = on_their_way(shards)
        append_home(store, bells, [letter_append(letter, {}) for letter in letters])
        made.letters = len(letters)
        made.unknown = settle_what_was_due(store, plans, current, now.engine if lost_at is None else lost_at)
    return made


def _must_be_empty(store: Store) -> None:
    if store.redis.exists(keys.PLAN, keys.RELEASES, keys.ARCHIVE) or any(_people(store)):
        raise SetupError("This Redis is not empty: a state is rebuilt into a new one only.")


def _people(store: Store) -> Iterator[int]:
    pipe = store.pipeline()
    for shard in keys.EVERY_SHARD:
        pipe.zcard(keys.people(shard))
    yield from pipe.execute()


def _moment(plans: ArchivedPlans, lessons: PastLessons, entry: Past) -> Moment:
    flags = replace(entry.flags, learned=Learned(lessons, entry.learned))
    return Moment(plans.at(entry.plan), plans, flags, entry.at)


def _known(shard: Shard) -> list[Profile]:
    """Those who are still there, with what tells who they are."""
    found = []
    for blob in shard.blobs.values():
        profile = read_profile(blob)
        if not profile.moved:
            slim = Profile(id=profile.id, label="", identifiers=profile.identifiers)
            slim.attributes = {name: profile.attributes.get(name) for name in profile.identifiers}
            slim.stamps = {name: profile.stamps[name] for name in profile.identifiers if name in profile.stamps}
            found.append(slim)
    return found


def _letters_only(shard: Shard) -> Shard:
    return Shard(shard.number, 0, 0, letters=shard.letters, taken=shard.taken, tried=shard.tried)


def _next_segment(place: Place, compacted: int) -> int:
    numbers = [found[0] for name in place.names(FOLDER) if (found := read_name(name)) is not None]
    return max([compacted, *numbers]) + 1
