"""Consent by channel and purpose: marketing needs a granted one, transactional needs none.

What is said about an address concerns everybody who has it: the newest word counts, whoever gave it.
"""

from __future__ import annotations

from engine.model.address import DEAD, UNHEARD_OF, Standing
from engine.model.plan import ChannelFacts, Plan
from engine.model.policy import Purpose
from engine.model.profile import Profile
from engine.policy.verdict import Refusal
from engine.policy.wallclock import iso


def refused_by_consent(
    profile: Profile, channel: ChannelFacts, purpose: Purpose, standing: Standing = UNHEARD_OF
) -> Refusal | None:
    """A Refusal unless the customer agreed; a channel where a person speaks (no consent needed) only minds a denial.

    A denial by another customer with the same address (`standing`) counts until this one agrees again.
    """
    if purpose.transactional:
        return None
    consent = profile.consent.get(f"{channel.name}/{purpose.name}")
    heard = standing.said.get(purpose.name)
    other = heard is not None and heard.state == "denied" and (consent is None or consent.at <= heard.at)
    if heard is not None and other and (consent is None or consent.state == "granted"):
        observed = f"the address has refused {channel.name} for {purpose.name} since {iso(heard.at)}"
        return Refusal("consent", observed, "next_channel", place=purpose.place)
    if consent is not None and consent.state == "granted":
        return None
    if consent is None:
        if not channel.needs_consent:
            return None
        return Refusal("consent", f"{channel.name} for {purpose.name} is unknown", "next_channel", place=purpose.place)
    observed = f"{channel.name} for {purpose.name} was {consent.state} {iso(consent.at)}"
    return Refusal("consent", observed, "next_channel", place=purpose.place)


def unreachable(profile: Profile, channel: ChannelFacts, standing: Standing = UNHEARD_OF) -> Refusal | None:
    """A Refusal when there is no address for the channel, or a provider declared it dead."""
    address = profile.attributes.get(channel.address)
    if not isinstance(address, str) or not address:
        return Refusal("unreachable", f"customer.{channel.address} is not known", "next_channel")
    if profile.dead.get(channel.name) == address or DEAD in standing.said:
        return Refusal("unreachable", f"customer.{channel.address} was declared dead by a provider", "next_channel")
    return None


def reach(profile: Profile, plan: Plan) -> dict[str, list[str]]:
    """Purpose -> channels whose address is known and not dead, and whose consent the purpose has."""
    alive = [channel for channel in plan.channels.values() if unreachable(profile, channel) is None]
    return {
        purpose.name: [each.name for each in alive if refused_by_consent(profile, each, purpose) is None]
        for purpose in plan.policies.purposes.values()
    }
