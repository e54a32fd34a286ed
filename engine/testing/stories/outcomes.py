"""What the simulated providers say, in a marketer's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.define.doc import Doc, Path, did_you_mean
from engine.model.message import SendOutcome
from engine.model.plan import Plan
from engine.testing.stories.model import Outcome
from engine.testing.stories.when import Clock, parse_at

_WHY = "the story says so"
SAID = {
    "accepted": SendOutcome("accepted"),
    "refused": SendOutcome("refused", _WHY),
    "bounced hard": SendOutcome("bad_address", _WHY),
    "unknown": SendOutcome("unknown", _WHY),
    "unavailable": SendOutcome("retry", _WHY),
}


def read_outcomes(doc: Doc, plan: Plan, path: Path, written: Mapping[str, Any], clock: Clock) -> dict[str, Outcome]:
    """What each channel's provider says: `accepted`, `unavailable until 6h`, and so on."""
    found: dict[str, Outcome] = {}
    for channel, text in written.items():
        if channel not in plan.channels:
            hint = did_you_mean(channel, plan.channels)
            doc.problem((*path, channel), f"no message leaves by '{channel}'.", hint, key=True)
            continue
        said, _, until = " ".join(str(text).split()).partition(" until ")
        if said not in SAID:
            hint = did_you_mean(said, SAID)
            doc.problem((*path, channel), f"'{said}' is nothing that a provider says.", hint)
            continue
        try:
            found[channel] = Outcome(said, parse_at(until, clock) if until else None)
        except ValueError as fault:
            doc.problem((*path, channel), str(fault), code="time")
    return found
