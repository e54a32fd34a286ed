"""Lines of a file: events in order of arrival, and lines that are none."""

from __future__ import annotations

import pytest

from engine.model.event import Event
from engine.policy.wallclock import iso
from engine.testing.feed import LONGEST_LINE, SetAside, read_lines
from tests.story import compiled
from tests.unit.testing.lines import line

WORDS = compiled("journey: j\nstart: {event: booked}\nsteps: [{wait: 1h}]\n").plan.vocabulary


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b'{"id": "\xff"}', "line: this is no UTF-8 text"),
        (b"{not json}", "line: this is not JSON: "),
        (b"[" * 100_000, "line: this is not JSON: "),
        (b"[]", "event: an object like"),
        (b"17", "event: an object like"),
        (line("2026-03-02T08:00:00Z", "bokked"), "event: no event 'bokked' in the vocabulary. Did you mean 'booked'?"),
        (line("2026-03-02T08:00:00", "booked"), "at: '2026-03-02T08:00:00' has no zone"),
        (line("2026-03-02T08:00:00Z", "booked", booking_id=7), "properties.booking_id: text is wanted, 7 was found"),
        (b'"' + b"x" * LONGEST_LINE + b'"', "line: 1,000,002 bytes; 1,000,000 are the most"),
    ],
    ids=["utf8", "json", "deep", "list", "number", "event", "zone", "type", "long"],
)
def test_a_line_that_is_no_event_is_set_aside_and_the_rest_goes_on(bad: bytes, reason: str) -> None:
    good = line("2026-03-02T08:00:00Z", "booked")
    found = list(read_lines([good, b"\n", bad, good], WORDS))
    assert [type(each) for each in found] == [Event, SetAside, Event]
    aside = found[1]
    assert isinstance(aside, SetAside)
    assert aside.line == 3
    assert aside.reason.startswith(reason)
    assert len(aside.text) <= 200


def test_arrival_is_what_is_given_else_the_greatest_so_far_and_never_goes_back() -> None:
    lines = [
        line("2026-03-02T08:00:00Z", "booked"),
        line("2026-03-02T07:00:00Z", "booked"),
        line("2026-03-02T07:30:00Z", "booked", received="2026-03-02T09:00:00Z"),
        line("2026-03-02T08:30:00Z", "booked"),
        line("2026-03-02T08:40:00Z", "booked", received="2026-03-02T08:50:00Z"),
        line("2026-03-02T09:30:00Z", "booked"),
    ]
    found = [each for each in read_lines(lines, WORDS) if isinstance(each, Event)]
    assert [iso(each.received)[11:16] for each in found] == ["08:00", "08:00", "09:00", "09:00", "09:00", "09:30"]
    assert [iso(each.at)[11:16] for each in found] == ["08:00", "07:00", "07:30", "08:30", "08:40", "09:30"]
