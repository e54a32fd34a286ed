"""The gate's answer about one message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.model.problem import NOWHERE, Place
from engine.model.record import Reason


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule that says no. `then` is what the author wants done about it.

    hold          keep it until `until` (epoch ms)
    next_channel  try the next one of `via`
    skip          drop it, the journey goes on
    stop          drop it and end the journey
    """

    rule: str
    observed: str
    then: Literal["hold", "next_channel", "skip", "stop"] = "skip"
    until: int | None = None
    place: Place = NOWHERE

    @property
    def reason(self) -> Reason:
        return Reason(self.rule, self.observed, str(self.place) if self.place.line else "")
