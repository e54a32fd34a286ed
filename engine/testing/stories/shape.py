"""The keys of a story file."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from engine.define.shapes import Shape

# The keys of a step; every other one is a property of its event.
STEP = (
    "at",
    "event",
    "channel",
    "id",
    "received",
    "properties",
    "profile",
    "customer",
    "start",
    "ask",
    "context",
    "outcomes",
    "expect",
)


class SettingShape(Shape):
    """What a case begins with: for the whole file, or on the first line of one case."""

    about: str = Field(default="", description="What is told here, in a sentence.")
    clock: str | None = Field(default=None, description="When the story begins: 2026-03-02 14:00 Europe/Paris.")
    customer: dict[str, Any] | None = Field(
        default=None, description="Identifiers, attributes, timezone, and consent by purpose."
    )
    customers: dict[str, dict[str, Any]] | None = Field(
        default=None, description="More customers by name; a step says `customer: NAME`."
    )
    holdout: Literal["in", "out"] | None = Field(default=None, description="in: the customers are held out.")
    control: Literal["in", "out"] | None = Field(default=None, description="in: they are in the control group.")
    arms: dict[str, str] | None = Field(default=None, description="split: arm, for splits that are not left to chance.")
    answers: dict[str, dict[str, Any]] | None = Field(
        default=None, description="service: {name: value}, what a called service answers; others do not answer."
    )
    outcomes: dict[str, str] | None = Field(
        default=None, description="channel: accepted, refused, bounced hard, unknown, unavailable [until 6h]."
    )


class StoryShape(SettingShape):
    """A story file."""

    tests: str | list[str] = Field(description="Journeys, segments and placements under test.")
    cases: dict[str, list[dict[str, Any]]] = Field(description="name of a case: its steps, one a line.")
