"""What a channel app asks, and what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from engine.journey.identity import Link
from engine.model.ids import token

_encode = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True, slots=True)
class Question:
    """One request about one customer.

    `links` are the identifiers that name them, strongest first, `profile` their id when they are named by it; neither:
    somebody of whom nothing is known. `context` is what the channel app says of the moment, `limit` how many actions
    it can show, `request` its own id of the question ('' = none), `budget` the seconds that it can wait. `mark` tells a
    question that has no id from all others.
    """

    placements: tuple[str, ...]
    links: tuple[Link, ...] = ()
    profile: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    limit: int | None = None
    request: str = ""
    explain: bool = False
    budget: float = 0.1
    mark: str = ""

    def name(self) -> str:
        """What stands for the request in the store; '' when it has no id."""
        return token("request", self.request) if self.request else ""

    def digest(self) -> str:
        """What stands for all that is asked: two questions that have the same are one."""
        asked = (self.placements, self.links, self.profile, self.context, self.limit, self.explain)
        return token("question", _encode(asked).decode())


class AnotherQuestion(Exception):
    """A request id was used before, for another question."""
