"""What is known of two customers who turn out to be one: newest word, strictest consent, everything that was sent.

Nothing here looks at journeys, and nothing depends on which of the two is kept, except where both say exactly
the same at the same time.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.journey.apply import MOST_OBJECTS, merged_past, newer
from engine.journey.less import without
from engine.journey.table import unite_tables
from engine.model.plan import Plan
from engine.model.profile import Consent, Ended, Idle, Offer, Profile, Stamp, Thing
from engine.model.vocabulary import ObjectType, Vocabulary

_STATES = {"denied": 2, "granted": 1}
OLDEST = Stamp(float("-inf"), 0, "")


def unite(plan: Plan, keeper: Profile, other: Profile) -> None:
    """Bring everything known of `other` into `keeper`, except enrolments, messages and starts that wait."""
    vocabulary = plan.vocabulary
    _names(keeper, other, vocabulary)
    _attributes(keeper, other, vocabulary)
    _consent(keeper, other)
    for name, stamp in other.stamps.items():
        keeper.stamps[name] = _later(stamp, keeper.stamps.get(name))
    _objects(keeper, other, vocabulary.objects)
    for name, past in other.history.items():
        kind = vocabulary.events.get(name)
        ours = keeper.history.get(name, [])
        if past or ours:
            keeper.history[name] = merged_past(ours, past, kind.keep if kind is not None else past[-1].at)
    _sent(keeper, other)
    _standing(keeper, other)
    for channel, address in other.dead.items():
        facts = plan.channels.get(channel)
        in_use = keeper.attributes.get(facts.address) if facts is not None else None
        if channel not in keeper.dead or address == in_use:
            keeper.dead[channel] = address


def _later(stamp: Stamp, other: Stamp | None) -> Stamp:
    return stamp if newer(stamp, other) or other is None else other


def _before(mine: Stamp | None, theirs: Stamp | None) -> bool:
    """Whether what is stamped `mine` gives way. One without a stamp does; of two equals the first stays."""
    return theirs is not None and not newer(mine or OLDEST, theirs)


def _names(keeper: Profile, other: Profile, vocabulary: Vocabulary) -> None:
    """All identifiers of both; the label is the strongest one's."""
    for name, values in other.identifiers.items():
        known = keeper.identifiers.setdefault(name, [])
        known += [value for value in values if value not in known]
    order = {name: place for place, name in enumerate(vocabulary.identifiers)}

    def rank(label: str) -> int:
        return order.get(label.partition(":")[0], len(order))

    if rank(other.label) < rank(keeper.label):
        keeper.label = other.label
    keeper.absorbed += [each for each in (other.id, *other.absorbed) if each not in (keeper.id, *keeper.absorbed)]
    keeper.seen = max(keeper.seen, other.seen)


def _attributes(keeper: Profile, other: Profile, vocabulary: Vocabulary) -> None:
    """The newest value of each attribute; counts are added up, cases are counted anew."""
    counted = {each.name for many in vocabulary.counters.values() for each in many}
    cases = {each.name for many in vocabulary.cases.values() for each in many}
    for name in sorted(cases & (keeper.open.keys() | other.open.keys())):
        ours, theirs = keeper.open.get(name, []), other.open.get(name, [])
        keeper.open[name] = [case for case in ours if case in theirs or not _closed(name, case, keeper, other)]
        keeper.open[name] += [case for case in theirs if case not in ours and not _closed(name, case, other, keeper)]
        keeper.attributes[name] = len(keeper.open[name])
    for name, value in other.attributes.items():
        if name in cases:
            continue
        if name in counted and isinstance(value, int | float):
            keeper.attributes[name] = keeper.attributes.get(name, 0) + value
        elif name not in keeper.attributes or _before(keeper.stamps.get(name), other.stamps.get(name)):
            keeper.attributes[name] = value


def _closed(attribute: str, case: str, here: Profile, there: Profile) -> bool:
    """Whether a case that is open `here` was closed `there` since."""
    key = f"{attribute}/{case}"
    return _before(here.stamps.get(key), there.stamps.get(key))


def _consent(keeper: Profile, other: Profile) -> None:
    """Denied goes before granted, whichever is newer: a merge never loosens what a customer said."""
    for key, theirs in other.consent.items():
        ours = keeper.consent.get(key)
        if ours is None or _weight(theirs) > _weight(ours):
            keeper.consent[key] = theirs


def _weight(word: Consent) -> tuple[int, int, str, str]:
    """The stricter word is the weightier; of two that say the same the newer one, by its own time."""
    return _STATES.get(word.state, 0), word.at, word.source, word.wording


def _objects(keeper: Profile, other: Profile, types: Mapping[str, ObjectType]) -> None:
    for kind, things in other.objects.items():
        held = keeper.objects.setdefault(kind, {})
        for name, theirs in things.items():
            ours = held.get(name)
            if ours is None:
                held[name] = theirs
                continue
            old, new = (ours, theirs) if _before(ours.stamp, theirs.stamp) else (theirs, ours)
            less = {
                part: [*dict.fromkeys((*old.less.get(part, ()), *new.less.get(part, ())))]
                for part in old.less | new.less
            }
            data = {**old.data, **new.data}
            held[name] = Thing(without(types[kind], data, less) if kind in types else data, new.stamp, new.ended, less)
        while len(held) > MOST_OBJECTS:
            del held[min(held, key=lambda name: (not held[name].ended, held[name].stamp.at, name))]


def _sent(keeper: Profile, other: Profile) -> None:
    """What counts in caps, the arms of tests and holdouts (the first exposure stays), and how runs ended."""
    counted = {each.id: each for each in (*other.ledger, *keeper.ledger)}
    keeper.ledger = sorted(counted.values(), key=lambda each: (each.at, each.id))
    for name, arm in other.arms.items():
        ours = keeper.arms.get(name)
        if ours is None or (arm.at, arm.arm) < (ours.at, ours.arm):
            keeper.arms[name] = arm
    for name, theirs in other.ended.items():
        past = keeper.ended.get(name)
        if past is not None:
            last = max(past, theirs, key=lambda each: (each.at, each.reason))
            theirs = Ended(last.at, max(past.entries, theirs.entries), last.reason)
        keeper.ended[name] = theirs


def _standing(keeper: Profile, other: Profile) -> None:
    """What lasts for a time: suppressions (one that still holds goes before any end), segments, offers, schedules."""
    for name, until in other.suppressed.items():
        ours = keeper.suppressed.get(name, until)
        keeper.suppressed[name] = 0 if 0 in (ours, until) else max(ours, until)
    for name, since in other.segments.items():
        keeper.segments[name] = min(since, keeper.segments.get(name, since))
    for name, due in other.schedules.items():
        # the later one: a moment that one of the two has had is not had again
        keeper.schedules[name] = max(due, keeper.schedules.get(name, due))
    for name, due in other.frozen.items():
        keeper.frozen[name] = min(due, keeper.frozen.get(name, due))
    unite_tables(keeper, other)
    for name, theirs in other.offers.items():
        keeper.offers[name] = _both_said(keeper.offers.get(name), theirs)
    keeper.prompts += other.prompts
    dues = [due for due in (keeper.recheck, other.recheck) if due is not None]
    keeper.recheck = min(dues, default=None)


def _both_said(ours: Offer | None, theirs: Offer) -> Offer:
    """What was shown to both: the later word of each kind, and an answer given by one ends it for both."""
    if ours is None:
        return theirs
    said = {name: max(ours.said.get(name, 0), theirs.said.get(name, 0)) for name in ours.said | theirs.said}
    trials = [each.trial for each in (ours, theirs) if each.trial is not None]
    last = max(trials, key=lambda each: (each.at, each.accepted, each.placement, each.segment), default=None)
    return Offer(min(ours.since, theirs.since), min(ours.until, theirs.until), said, last)


def later_idle(one: Idle | None, other: Idle) -> Idle:
    """Of two silences for one start the one whose last event is newer: each event sets the clock back."""
    return other if one is None or (other.at, other.event) > (one.at, one.event) else one
