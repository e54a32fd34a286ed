"""Whether we may learn that a message was opened or clicked: the policies must ask for it, and the customer agree."""

from __future__ import annotations

from engine.model.address import UNHEARD_OF, Standing
from engine.model.plan import ChannelFacts
from engine.model.policy import Policies
from engine.model.profile import Profile
from engine.policy.consent import refused_by_consent

NOTHING = (False, False)


def tracked(
    profile: Profile, channel: ChannelFacts, policies: Policies, standing: Standing = UNHEARD_OF
) -> tuple[bool, bool]:
    """(clicks, opens) that may be learnt of. Consent must be granted, also where messages need none."""
    tracking = policies.tracking
    if tracking is None or tracking.purpose not in policies.purposes:
        return NOTHING
    consent = profile.consent.get(f"{channel.name}/{tracking.purpose}")
    if consent is None or consent.state != "granted":
        return NOTHING
    if refused_by_consent(profile, channel, policies.purposes[tracking.purpose], standing) is not None:
        return NOTHING
    return tracking.clicks, tracking.opens
