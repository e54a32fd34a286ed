"""What would be: the events of a window under a draft."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from engine.model.record import Told
from engine.report.replay.line import Line
from engine.report.replay.plans import PastPlans
from engine.report.replay.stopped import PastFlags
from engine.report.replay.words import Wording
from engine.runtime.plans import Running


@dataclass
class Would:
    """What would come of the window.

    lines       in the order of a group's course;  story  the timelines (profile, line)
    reworded    (message, channel) of those that would leave as then, but read otherwise
    left_out    reactions to messages that would not be the same, by event
    unknown     events that the draft does not know, by name
    unrendered  (message, channel, place, reason) of what the draft cannot render
    faults      what the draft fails on;  labels  what customers are called
    """

    lines: list[Line] = field(default_factory=list)
    story: list[tuple[str, Told]] = field(default_factory=list)
    reworded: Counter[tuple[str, str]] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    unrendered: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """A draft that decides from `since` to `until` (epoch ms).

    `sweeps`: with its release everybody is looked at. `plans` decided then; `flags` is what was stopped then.
    """

    running: Running
    plans: PastPlans
    wording: Wording
    since: int
    until: int
    sweeps: bool
    flags: PastFlags
