"""Push: a title, a line or two, and the place in the app that a tap opens."""

from __future__ import annotations

from types import MappingProxyType

from engine.channels.channel import Channel, plain_text

PUSH = Channel(
    name="push",
    address="push_token",
    parts=("title", "body", "link"),
    normalise=plain_text,
    reports_open=True,
    limits=MappingProxyType({"title": 65, "body": 178}),
)
