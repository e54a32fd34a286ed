"""Merging: who takes over whom, and in which order three become one, makes no difference to what is known."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.journey.core import handle_event
from engine.journey.leave import leave
from engine.journey.merge import absorb
from engine.journey.settle import settle
from engine.model.event import Event
from engine.model.message import SendOutcome
from engine.model.profile import Profile
from engine.model.span import HOUR, MINUTE
from tests.unit.journey.world import BEGIN, NAMES, PLAN, copy

PEOPLE = ("c1", "c2", "c3")


def _told(name: str) -> st.SearchStrategy[tuple[int, str, dict[str, Any], int]]:
    properties = st.fixed_dictionaries({key: st.sampled_from(values) for key, values in NAMES[name].items()})
    who, after = st.integers(0, 2), st.sampled_from([0, MINUTE, HOUR, 3 * HOUR])
    return st.tuples(who, st.just(name), properties, after)


LIVES = st.lists(st.sampled_from([*NAMES, "basket_updated", "booked"]).flatmap(_told), min_size=5, max_size=25)


def live(told: list[tuple[int, str, dict[str, Any], int]]) -> tuple[list[Profile], int]:
    """Three customers after what happened to them; everything that may leave at once has left."""
    people = [Profile(id=name, label=f"email:{name}@x.org") for name in PEOPLE]
    now = BEGIN
    for number, (who, name, properties, after) in enumerate(told):
        now += after
        identifiers = {"email": f"c{who + 1}@x.org", "phone": f"+3361234567{who}"}
        event = Event(id=f"e{number}", name=name, profile=identifiers, at=now, received=now, properties=properties)
        people[who] = handle_event(PLAN.plan, people[who], event, now).profile
        let_out(people[who], now)
    return people, now


def let_out(profile: Profile, now: int) -> list[tuple[str, str, str]]:
    """(journey and key, step, message) of what leaves now."""
    left = []
    for message in [each for each in profile.messages.values() if each.status == "planned"]:
        run = profile.enrolments.get(message.enrolment)
        for _ in message.via:  # its rows lead from channel to channel
            walk = leave(PLAN.plan, profile, message.id, now, PLAN.renderer.render)
            if walk.outgoing is not None:
                settle(PLAN.plan, profile, message.id, SendOutcome("accepted"), now)
                left.append((f"{message.journey}|{run.key if run else ''}", message.step, message.name))
                break
    return left


def merge(people: list[Profile], now: int, *pairs: tuple[int, int]) -> tuple[Profile, set[str]]:
    """What (keeper, absorbed) make one after the other, and 'journey|key' of runs that ended in one of these merges
    because of what the other customer had done."""
    exits: set[str] = set()
    held = [copy(each) for each in people]
    for keeper, absorbed in pairs:
        walk = absorb(PLAN.plan, held[keeper], held[absorbed], now)
        held[keeper] = walk.profile
        ended = [record for record in walk.records if record.kind == "ended"]
        exits |= {f"{each.journey}|{each.key}" for each in ended if not each.reason.startswith("merged")}
    return held[pairs[-1][0]], exits


def known(profile: Profile) -> dict[str, Any]:
    """All that must not depend on who took over whom, but for the runs."""
    return {
        "attributes": profile.attributes,
        "open": {name: sorted(cases) for name, cases in profile.open.items() if cases},
        "consent": profile.consent,
        "objects": profile.objects,
        "history": {name: [past.id for past in many] for name, many in profile.history.items()},
        "ledger": profile.ledger,
        "suppressed": profile.suppressed,
        "identifiers": {name: sorted(values) for name, values in profile.identifiers.items()},
        "everybody": sorted([profile.id, *profile.absorbed]),
        "idles": sorted((idle.journey, idle.key, idle.event) for idle in profile.idles.values()),
        "segments": profile.segments,
    }


def runs(profile: Profile, parted: set[str]) -> list[Any]:
    """Which runs there are and how far each has come; of those in `parted` only that they are."""
    return sorted(
        (name, *(() if name in parted else (run.id, run.step, sorted(run.gone.items()))))
        for name, run in ((f"{run.journey}|{run.key}", run) for run in profile.enrolments.values())
    )


@given(LIVES)
@settings(max_examples=40)
def test_it_makes_no_difference_who_takes_over_whom(told: list[tuple[int, str, dict[str, Any], int]]) -> None:
    people, now = live(told)
    (there, _), (back, _) = merge(people, now, (0, 1)), merge(people, now, (1, 0))
    assert known(there) == known(back)
    assert runs(there, set()) == runs(back, set())


@given(LIVES)
@settings(max_examples=40)
def test_it_makes_no_difference_in_which_order_three_become_one(
    told: list[tuple[int, str, dict[str, Any], int]],
) -> None:
    people, now = live(told)
    (left, ended), (right, ended_too) = merge(people, now, (0, 1), (0, 2)), merge(people, now, (1, 2), (0, 1))
    # an object has one stamp for all its fields: which of three tellings a field is of, no merge can know
    for each in (left, right):
        for things in each.objects.values():
            for thing in things.values():
                thing.data.clear()
    # where one of three ends the run of another, which of twins is left to go on depends on who met first
    parted = ended | ended_too
    assert known(left) == known(right)
    assert runs(left, parted) == runs(right, parted)


@given(LIVES)
@settings(max_examples=40)
def test_consent_is_never_loosened_and_no_run_goes_twice(told: list[tuple[int, str, dict[str, Any], int]]) -> None:
    (one, other, _), now = live(told)
    merged = absorb(PLAN.plan, copy(one), copy(other), now).profile
    for each in (one, other):
        for key, consent in each.consent.items():
            assert consent.state != "denied" or merged.consent[key].state == "denied"
    running = [(run.journey, run.key) for run in merged.enrolments.values()]
    assert len(set(running)) == len(running)
    # what either run of a pair has had is not among what leaves after the merge
    had = {
        (f"{run.journey}|{run.key}", step)
        for run in (*one.enrolments.values(), *other.enrolments.values())
        for step, visit in run.gone.items()
        if visit == 1
        and any((r.journey, r.key) == (run.journey, run.key) for r in merged.enrolments.values())
        and not any(r.visits.get(step, 0) > 1 for r in merged.enrolments.values())
    }
    for journey, step, _ in let_out(merged, now + MINUTE):
        assert (journey, step) not in had
