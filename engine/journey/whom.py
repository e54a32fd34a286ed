"""Where a message goes: to the customer, or to one of our own people whom the step names.

Nobody asks our own people for consent, and none of the customer's rules protects them; all else of the gate holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.journey.walk import Walk
from engine.model.address import DEAD, Standing
from engine.model.condition import Path
from engine.model.message import Message
from engine.model.plan import ChannelFacts, Plan
from engine.model.policy import Purpose
from engine.model.profile import Enrolment, Profile
from engine.policy.consent import refused_by_consent, unreachable
from engine.policy.verdict import Refusal

LONGEST = 320  # characters of an address


@dataclass(frozen=True, slots=True)
class Whom:
    """Compiled `to`: `text` as written; a declared recipient, the property `path`, or the `field` of the item of the
    catalogue's `kind` that `path` names."""

    text: str
    path: Path | None = None
    kind: str = ""
    field: str = ""


def read_address(walk: Walk, run: Enrolment, whom: Whom) -> str:
    """The address that a path leads to now; '' when it leads nowhere, or where the recipient is declared by name."""
    value = walk.read(run, whom.path) if whom.path is not None else None
    if whom.kind:
        item = walk.plan.catalog.get(whom.kind, {}).get(str(value))
        value = item.get(whom.field) if isinstance(item, Mapping) else None
    return value if isinstance(value, str) and len(value) <= LONGEST else ""


def address_of(plan: Plan, profile: Profile, message: Message, channel: ChannelFacts) -> str:
    """Where a message goes by a channel, as it is written there; '' when that is not known.

    A declared recipient is always the newest; what a path led to was read when the message was planned.
    """
    if message.to:
        declared = plan.policies.recipients.get(message.to)
        return declared.addresses.get(channel.name, "") if declared is not None else message.address
    value = profile.attributes.get(channel.address)
    return value if isinstance(value, str) else ""


def locale_of(plan: Plan, profile: Profile, message: Message) -> str:
    """The language that whoever gets the message reads; '' is the brand's."""
    if message.to:
        declared = plan.policies.recipients.get(message.to)
        return declared.locale if declared is not None else ""
    locale = profile.attributes.get("locale")
    return locale if isinstance(locale, str) else ""


def refused(
    plan: Plan, profile: Profile, message: Message, channel: ChannelFacts, purpose: Purpose, standing: Standing
) -> Refusal | None:
    """A Refusal unless the message may go by that channel, as far as its address goes."""
    if not message.to:
        return unreachable(profile, channel, standing) or refused_by_consent(profile, channel, purpose, standing)
    if channel.normalise(address_of(plan, profile, message, channel)) is None:
        return Refusal("unreachable", f"'{message.to}' has no address for {channel.name}", "next_channel")
    if DEAD in standing.said:
        return Refusal("unreachable", f"the address of '{message.to}' was declared dead by a provider", "next_channel")
    return None
