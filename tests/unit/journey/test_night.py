"""What is held for the night, when a release changes the night."""

from __future__ import annotations

import pytest

from tests.story import QUIET, Story, compiled

JOURNEY = "journey: ask\nstart: {event: booked}\nsteps: [{send: m1, via: email}]\n"
WINDOW = "21:00-08:00"


class Released(Story):
    """A story whose policies a release replaces."""

    def release(self, at: str, window: str) -> None:
        self.until(at)
        self.simulator.plan = compiled(JOURNEY, policies=night(window)).plan
        self.simulator.operate(self.simulator.flags)


def night(window: str) -> str:
    line = next(line for line in QUIET.splitlines(True) if "quiet_hours" in line)
    return QUIET.replace(line, line.replace(WINDOW, window) if window else "")


@pytest.mark.parametrize(
    ("window", "left"),
    [
        ("", "22:00"),  # there are no quiet hours any more
        ("23:30-08:00", "22:00"),  # they have not begun yet
        ("21:00-06:00", "05:00"),  # they end sooner
        ("21:00-10:00", "09:00"),  # they end later: asked when the first hold ends, and held on
        (WINDOW, "07:00"),
    ],
)
def test_the_newest_quiet_hours_decide_over_what_is_held(window: str, left: str) -> None:
    # given a message held since 21:30 in Paris (winter: 20:30Z) until 08:00
    story = Released(JOURNEY, policies=night(WINDOW))
    story.join("2026-01-05T10:00:00Z")
    story.event("2026-01-05T20:30:00Z", "booked", booking_id="k1")
    assert story.sent == []
    # when a release comes at 23:00 there
    story.release("2026-01-05T22:00:00Z", window)
    story.until("2026-01-06T12:00:00Z")
    day = "2026-01-05" if left == "22:00" else "2026-01-06"
    assert story.sent == [f"m1 by email {day}T{left}:00Z"]
