"""Whatever happens, in whatever order, and whatever providers say: what must never be, and what must always be."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.model.span import DAY
from engine.policy.quiet import quiet_until
from engine.policy.wallclock import calendar_start, customer_zone
from tests.unit.journey.world import ANSWERS, LIVES, OPERATED, PLAN, Happens, Says, World

POLICIES = PLAN.plan.policies
# A life of forty events is slow to shrink and quick to read.
LONG = settings(phases=(Phase.explicit, Phase.reuse, Phase.generate), suppress_health_check=[HealthCheck.too_slow])
ENDS = ("sent", "refused", "expired", "cancelled", "held_out", "unknown")


def lived(happens: list[Happens], answers: list[str]) -> World:
    world = World(answers)
    world.begin()
    for each in happens:
        world.happen(each)
        standing(world)
    return world


def standing(world: World) -> None:
    """Every run stands at a known step and waits for something; every message lies in an outbox or has a time."""
    profile = world.profile
    rows = {row.message for _, _, row in world.rows}
    for run in profile.enrolments.values():
        journey = PLAN.plan.journeys[run.journey]
        under_way = [message for message in profile.messages.values() if message.enrolment == run.id]
        if run.step:
            assert run.step in journey.steps
            assert run.due is not None or run.waits_on in profile.messages
        else:
            assert under_way  # its last step is done; a message of it may still go by another channel
    for message in profile.messages.values():
        assert message.enrolment in profile.enrolments
        assert {"planned": message.id in rows, "held": message.due is not None}.get(message.status, True)
    assert len({message.id for message in profile.messages.values()}) == len(profile.messages)


@settings(LONG, max_examples=25)
@given(LIVES, ANSWERS)
def test_nothing_leaves_that_must_not(happens: list[Happens], answers: list[str]) -> None:
    world = lived(happens, answers)
    world.until(world.now + 3 * DAY)
    counted: list[tuple[int, str]] = []  # when and by which channel: what counts in marketing caps
    attempts: set[str] = set()  # the same again only where it must arrive and nobody can say whether it has
    for (outgoing, before), (_, kind) in zip(world.left, world.outcomes, strict=True):
        may_repeat = POLICIES.purposes[outgoing.purpose].at_least_once and before.messages[outgoing.message_id].unsure
        assert outgoing.attempt_id not in attempts or may_repeat
        attempts.add(outgoing.attempt_id)
        assert before.messages[outgoing.message_id].enrolment in before.enrolments, "after its journey ended"
        if outgoing.purpose == "marketing":
            zone = customer_zone(before, POLICIES)
            assert quiet_until(POLICIES.quiet[0], zone, outgoing.at) is None, "in quiet hours"
            assert before.consent[f"{outgoing.channel}/marketing"].state == "granted", "without consent"
            assert not before.attributes.get("open_cases"), "while suppressed"
            assert all(until and until <= outgoing.at for until in before.suppressed.values()), "while suppressed"
            in_two_days = [at for at, _ in counted if outgoing.at - 2 * DAY < at]
            today = [at for at, by in counted if by == "email" and at >= calendar_start(outgoing.at, "day", zone)]
            assert len(in_two_days) < 3, "above 3 per 48h"
            assert outgoing.channel != "email" or not today, "above 1 per calendar day"
            if kind in ("accepted", "unknown"):
                counted.append((outgoing.at, outgoing.channel))
        assert before.dead.get(outgoing.channel) != outgoing.address, "to a dead address"


@settings(LONG, max_examples=25)
@given(LIVES, ANSWERS)
def test_everything_comes_to_exactly_one_end(happens: list[Happens], answers: list[str]) -> None:
    world = lived(happens, answers)
    world.until(world.now + 60 * DAY)
    assert world.profile.enrolments == {}
    assert world.profile.messages == {}
    assert world.profile.idles == {}
    started = Counter(record.id for record in world.records if record.kind == "started")
    ended = Counter(record.id for record in world.records if record.kind == "ended")
    assert started == ended
    assert all(count == 1 for count in started.values())
    accepted = Counter(outgoing.message_id for outgoing, kind in world.outcomes if kind == "accepted")
    doubtful = [outgoing for outgoing, kind in world.outcomes if kind == "unknown"]
    once = Counter(each.message_id for each in doubtful if not POLICIES.purposes[each.purpose].at_least_once)
    again = {each.message_id for each in doubtful} - set(once)
    told = {kind: Counter(r.id for r in world.records if r.kind == kind and r.message) for kind in ENDS}
    assert told["sent"] == accepted
    assert {name: count for name, count in told["unknown"].items() if name not in again} == once
    assert all(told["sent"][name] or told["unknown"][name] for name in again)  # never silently lost
    for message in {record.id for record in world.records if record.message}:
        ends = sum(told[kind][message] for kind in ENDS)
        # one end; a message that went on by its next channel has one for each
        assert 1 <= ends <= 1 + told["sent"][message]


@settings(LONG, max_examples=20)
@given(LIVES, ANSWERS)
def test_the_ledger_counts_what_left_within_its_window(happens: list[Happens], answers: list[str]) -> None:
    world = lived(happens, answers)
    longest = world.now - 2 * DAY
    left = {  # one that was sent again with the same id counts once, from when it last may have arrived
        (outgoing.attempt_id, outgoing.channel): outgoing.at
        for outgoing, kind in world.outcomes
        if kind in ("accepted", "unknown")
    }
    counted = [(entry.id, entry.channel, entry.at) for entry in world.profile.ledger if entry.at > longest]
    assert sorted(counted) == sorted((*which, at) for which, at in left.items() if at > longest)
    assert world.now >= max((entry.at for entry in world.profile.ledger), default=0)


@settings(LONG, max_examples=10)
@given(LIVES, ANSWERS)
def test_the_same_life_twice_leaves_the_same(happens: list[Happens], answers: list[str]) -> None:
    one, two = lived(happens, answers), lived(happens, answers)
    assert one.records == two.records
    assert one.profile == two.profile


@settings(LONG, max_examples=40)
@given(OPERATED, ANSWERS, st.booleans())
def test_nothing_leaves_that_an_operator_stopped_and_nobody_stands_still_after_it(
    happens: list[Happens | Says], answers: list[str], deaf: bool
) -> None:
    world = World(answers, deaf=deaf)
    world.begin()
    for each in happens:
        if isinstance(each, Says):
            world.say(each)
        else:
            steps = {run.id: dict(run.visits) for run in world.profile.enrolments.values()}
            world.happen(each)
            for run in world.profile.enrolments.values():
                assert not world.flags.pauses(run.journey) or steps.get(run.id, {}) == run.visits
    # nothing left while its journey was paused or killed
    for outgoing, before in world.left:
        message = before.messages[outgoing.message_id]
        for name in (message.journey, "*"):
            standing = world.standing.get(name)
            for stop in standing.over if standing is not None else ():
                assert not stop.since <= outgoing.at < stop.until
            assert standing is None or not standing.word or outgoing.at < standing.since
    # when everything goes on again
    for name, standing in list(world.standing.items()):
        if standing.word:
            world.say(Says(1, "resume", name, "continue"))
    world.until(world.now + 60 * DAY)
    # then everything comes to its one end
    assert world.profile.enrolments == {}
    assert world.profile.messages == {}
    assert world.profile.idles == {}
    started = Counter(record.id for record in world.records if record.kind == "started")
    assert started == Counter(record.id for record in world.records if record.kind == "ended")
