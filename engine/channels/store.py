"""Store: a prompt on an associate's tablet, who then speaks to the customer."""

from __future__ import annotations

from types import MappingProxyType

from engine.channels.channel import Channel, plain_text

STORE = Channel(
    name="store",
    address="home_store",
    parts=("title", "body", "associate", "link"),
    normalise=plain_text,
    reports_open=True,  # the associate's outcome says whether it was spoken about
    shared=True,  # the address is the shop's
    needs_consent=False,  # a person speaks; a denial still counts
    limits=MappingProxyType({"title": 65, "body": 240, "associate": 240}),
)
