"""Consent by channel and purpose: marketing needs a granted one, transactional needs none."""

from __future__ import annotations

from engine.model.plan import ChannelFacts
from engine.model.policy import Purpose
from engine.model.profile import Profile
from engine.policy.verdict import Refusal
from engine.policy.wallclock import iso


def refused_by_consent(profile: Profile, channel: ChannelFacts, purpose: Purpose) -> Refusal | None:
    """A Refusal unless the customer agreed; a channel where a person speaks (no consent needed) only minds a denial."""
    if purpose.transactional:
        return None
    consent = profile.consent.get(f"{channel.name}/{purpose.name}")
    if consent is not None and consent.state == "granted":
        return None
    if consent is None:
        if not channel.needs_consent:
            return None
        return Refusal("consent", f"{channel.name} for {purpose.name} is unknown", "next_channel", place=purpose.place)
    observed = f"{channel.name} for {purpose.name} was {consent.state} {iso(consent.at)}"
    return Refusal("consent", observed, "next_channel", place=purpose.place)


def unreachable(profile: Profile, channel: ChannelFacts) -> Refusal | None:
    """A Refusal when there is no address for the channel, or a provider declared it dead."""
    address = profile.attributes.get(channel.address)
    if not isinstance(address, str) or not address:
        return Refusal("unreachable", f"customer.{channel.address} is not known", "next_channel")
    if profile.dead.get(channel.name) == address:
        return Refusal("unreachable", f"customer.{channel.address} was declared dead by a provider", "next_channel")
    return None
