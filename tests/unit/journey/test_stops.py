"""Pause, resume and kill: nothing moves or leaves meanwhile, nothing is lost, and everybody goes on as was said."""

from __future__ import annotations

import pytest

from engine.model.errors import Conflict
from engine.model.flags import How
from engine.policy.standing import RUNS, Standing, flags_of, killed, paused, resumed
from tests.story import Story, ms

NIGHTS = """
journey: stay
start: {event: booked, key: event.booking_id}
goal: order_placed
stop_if: cancelled where booking_id is start.booking_id
steps:
  - send: m1
    via: email
  - wait: 2h
  - send: m2
    via: email
"""
WATCH = """
journey: watch
start: {event: basket_updated}
steps:
  - wait_for: basket_viewed
    up_to: 2h
    then: [{send: m1, via: email}]
    on_timeout: [{send: m2, via: email}]
"""
SATURDAY = """
journey: saturday
start: {event: booked}
steps:
  - wait_until: Saturday 10:00
  - send: m1
    via: email
"""
QUIETLY = """
journey: quietly
start: {event: basket_updated, idle_for: 2h}
goal: order_placed
steps:
  - send: m1
    via: email
"""


class Operated(Story):
    """A story with an operator."""

    standing: dict[str, Standing]

    def __init__(self, *journeys: str) -> None:
        super().__init__(*journeys)
        self.standing = {}
        self.join("2026-03-02T08:00:00Z")

    def pause(self, at: str, name: str = "stay") -> None:
        self._say(at, name, paused(name, self.standing.get(name, RUNS), ms(at), "ana"))

    def kill(self, at: str, name: str = "stay") -> None:
        self._say(at, name, killed(name, self.standing.get(name, RUNS), ms(at), "ana"))

    def resume(self, at: str, how: How | None, name: str = "stay") -> None:
        self._say(at, name, resumed(name, self.standing.get(name, RUNS), how, ms(at), "ana"))

    def _say(self, at: str, name: str, standing: Standing) -> None:
        self.until(at)
        self.standing[name] = standing
        self.simulator.operate(flags_of(self.standing))
        self.simulator.run_until(ms(at))


@pytest.mark.parametrize(
    ("how", "sent", "ended"),
    [
        ("continue", "m2 by email 2026-03-02T13:00:00Z", ["completed"]),
        ("shift", "m2 by email 2026-03-02T14:30:00Z", ["completed"]),
        ("expire", None, ["expired: its time came while stay was paused"]),
    ],
)
def test_a_wait_that_ends_while_its_journey_is_paused(how: How, sent: str | None, ended: list[str]) -> None:
    story = Operated(NIGHTS)
    story.event("2026-03-02T09:00:00Z", "booked", booking_id="k1")
    story.pause("2026-03-02T09:30:00Z")  # its wait would end at 11:00
    story.until("2026-03-02T12:59:00Z")
    assert story.sent == ["m1 by email 2026-03-02T09:00:00Z"]
    story.resume("2026-03-02T13:00:00Z", how)
    story.end()
    assert story.sent[1:] == ([sent] if sent else [])
    assert story.reasons("ended") == ended


@pytest.mark.parametrize(
    ("how", "sent"),
    [("continue", "11:00"), ("expire", "11:00"), ("shift", "11:20")],
)
def test_a_wait_that_is_not_over_when_its_journey_goes_on(how: How, sent: str) -> None:
    story = Operated(NIGHTS)
    story.event("2026-03-02T09:00:00Z", "booked", booking_id="k1")
    story.pause("2026-03-02T09:30:00Z")
    story.resume("2026-03-02T09:50:00Z", how)
    story.end()
    assert story.sent[1:] == [f"m2 by email 2026-03-02T{sent}:00Z"]


@pytest.mark.parametrize(("how", "sent"), [("continue", 2), ("shift", 2), ("expire", 0)])
def test_who_comes_while_a_journey_is_paused_stands_before_its_first_step(how: How, sent: int) -> None:
    story = Operated(NIGHTS)
    story.pause("2026-03-02T09:00:00Z")
    story.event("2026-03-02T09:30:00Z", "booked", booking_id="k1")
    story.until("2026-03-02T12:00:00Z")
    assert (story.kinds("started"), story.sent) == (["stay 2026-03-02T09:30:00Z"], [])
    story.resume("2026-03-02T12:00:00Z", how)
    story.end()
    assert len(story.sent) == sent
    assert story.ana.enrolments == {}


def test_a_goal_ends_an_enrolment_of_a_paused_journey_at_once() -> None:
    story = Operated(NIGHTS)
    story.event("2026-03-02T09:00:00Z", "booked", booking_id="k1")
    story.event("2026-03-02T09:01:00Z", "booked", booking_id="k2")
    story.pause("2026-03-02T09:30:00Z")
    story.event("2026-03-02T10:00:00Z", "cancelled", booking_id="k1")
    assert len(story.kinds("ended")) == 1
    story.event("2026-03-02T10:01:00Z", "order_placed", order_id="o1")
    assert len(story.kinds("ended")) == 2
    story.resume("2026-03-02T12:00:00Z", "continue")
    story.end()
    assert len(story.sent) == 2
    assert story.ana.attributes["orders"] == 1


@pytest.mark.parametrize("how", ["continue", "shift"])
def test_an_event_that_comes_during_a_pause_is_what_was_waited_for(how: How) -> None:
    # whatever its time-out: the clock of the wait stands still
    story = Operated(WATCH)
    story.event("2026-03-02T09:00:00Z", "basket_updated", basket_id="b1", total=10)
    story.pause("2026-03-02T09:30:00Z", "watch")
    story.event("2026-03-02T12:00:00Z", "basket_viewed", basket_id="b1")
    story.event("2026-03-02T12:10:00Z", "basket_viewed", basket_id="b1")
    assert story.sent == []
    story.resume("2026-03-02T13:00:00Z", how, "watch")
    story.end()
    assert story.sent == ["m1 by email 2026-03-02T13:00:00Z"]


def test_a_moment_of_the_calendar_does_not_shift() -> None:
    # given one whose Saturday is still to come, and one whose Saturday passes
    one, two = Operated(SATURDAY), Operated(SATURDAY)
    for story, until in ((one, "2026-03-05T09:00:00Z"), (two, "2026-03-09T09:00:00Z")):
        story.event("2026-03-02T09:00:00Z", "booked", booking_id="k1")
        story.pause("2026-03-02T09:30:00Z", "saturday")
        story.resume(until, "shift", "saturday")
        story.end()
    assert one.sent == ["m1 by email 2026-03-07T09:00:00Z"]
    assert two.sent == ["m1 by email 2026-03-14T09:00:00Z"]


@pytest.mark.parametrize(("how", "sent"), [("continue", ["13:00"]), ("shift", ["14:30"]), ("expire", [])])
def test_a_silence_that_ends_during_a_pause(how: How, sent: list[str]) -> None:
    story = Operated(QUIETLY)
    story.event("2026-03-02T09:00:00Z", "basket_updated", basket_id="b1", total=10)
    story.pause("2026-03-02T09:30:00Z", "quietly")  # silent for long enough at 11:00
    story.resume("2026-03-02T13:00:00Z", how, "quietly")
    story.end()
    assert story.sent == [f"m1 by email 2026-03-02T{at}:00Z" for at in sent]


@pytest.mark.parametrize("name", ["stay", "*"])
def test_a_killed_journey_ends_and_starts_nothing_until_it_is_resumed(name: str) -> None:
    story = Operated(NIGHTS)
    story.event("2026-03-02T09:00:00Z", "booked", booking_id="k1")
    story.kill("2026-03-02T09:30:00Z", name)
    assert story.reasons("ended") == ["killed: stay was killed by an operator"]
    story.event("2026-03-02T10:00:00Z", "booked", booking_id="k2")
    assert story.reasons("flagged") == ["killed: booked e5 starts nothing"]
    story.resume("2026-03-02T11:00:00Z", None, name)
    story.event("2026-03-02T11:30:00Z", "booked", booking_id="k3")
    story.end()
    assert story.sent == [f"m{n} by email 2026-03-02T{at}:00Z" for n, at in ((1, "09:00"), (1, "11:30"), (2, "13:30"))]


def test_a_held_message_of_a_killed_journey_is_refused() -> None:
    story = Operated(NIGHTS)
    story.event("2026-03-02T22:00:00Z", "booked", booking_id="k1")
    story.kill("2026-03-02T23:00:00Z")
    assert story.reasons("refused") == ["killed: stay was killed by an operator"]
    story.end()
    assert story.sent == []


def test_who_was_not_looked_at_while_a_journey_was_killed_ends_all_the_same() -> None:
    story = Operated(NIGHTS)
    story.event("2026-03-02T09:00:00Z", "booked", booking_id="k1")
    # when the kill and the word that it is over reach her together
    standing = killed("stay", RUNS, ms("2026-03-02T09:30:00Z"), "ana")
    standing = resumed("stay", standing, None, ms("2026-03-02T09:40:00Z"), "ana")
    story.until("2026-03-02T09:50:00Z")
    story.simulator.flags = flags_of({"stay": standing})
    story.end()
    assert story.reasons("ended") == ["killed: stay was killed by an operator"]


def test_each_pause_is_lived_through_once_and_two_at_once_are_one() -> None:
    story = Operated(NIGHTS)
    story.event("2026-03-02T09:00:00Z", "booked", booking_id="k1")
    story.pause("2026-03-02T09:30:00Z")
    story.pause("2026-03-02T10:00:00Z", "*")
    story.resume("2026-03-02T10:30:00Z", "shift")  # everything is still paused
    assert story.ana.frozen
    story.resume("2026-03-02T11:30:00Z", "shift", "*")
    story.event("2026-03-02T11:40:00Z", "joined")
    story.end()
    assert story.sent[1:] == ["m2 by email 2026-03-02T13:00:00Z"]  # two hours and two


def test_a_message_that_no_word_reached_is_looked_at_again() -> None:
    # given a worker that has not heard yet that the journey goes on
    story = Operated(NIGHTS)
    story.pause("2026-03-02T09:00:00Z")
    story.resume("2026-03-02T09:10:00Z", "continue")
    fresh, story.simulator.flags = story.simulator.flags, flags_of({"stay": Standing("paused")})
    story.event("2026-03-02T09:10:01Z", "booked", booking_id="k1")
    story.simulator.flags = fresh
    # then nobody stands still for ever
    story.end()
    assert story.sent[0] == "m1 by email 2026-03-02T10:10:01Z"
    assert story.reasons("ended") == ["completed"]


def test_what_an_operator_may_say() -> None:
    stopped, dead = paused("a", RUNS, 1, "ana"), killed("a", RUNS, 1, "ana")
    with pytest.raises(Conflict, match="a is paused already"):
        paused("a", stopped, 2, "")
    with pytest.raises(Conflict, match="a is killed already"):
        paused("a", dead, 2, "")
    with pytest.raises(Conflict, match="everything is killed already"):
        killed("*", dead, 2, "")
    with pytest.raises(Conflict, match="neither paused nor killed"):
        resumed("a", RUNS, "shift", 2, "")
    with pytest.raises(Conflict, match="continue, shift or expire"):
        resumed("a", stopped, None, 2, "")
    with pytest.raises(Conflict, match="nobody is left to shift"):
        resumed("a", dead, "shift", 2, "")
    assert killed("a", stopped, 2, "").word == "killed"
