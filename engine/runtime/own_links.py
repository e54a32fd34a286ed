"""The links back to this installation that messages carry, as the settings make them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from engine.journey.steps.send import sends
from engine.model.errors import SetupError

if TYPE_CHECKING:
    from engine.channels.signed_link import LinkSigner
    from engine.model.message import Outgoing
    from engine.model.plan import Plan
    from engine.settings import Settings

# Each followed by a token.
UNSUBSCRIBE_PAGE = "/u/"  # a POST there unsubscribes without a login (RFC 8058)
PREFERENCES_PAGE = "/p/"
CLICK = "/c/"
OPENING = "/o/"

# The address a message's one-click unsubscribe leads to; None where it needs none.
Unsubscribing = Callable[["Outgoing"], str | None]


def signer(settings: Settings) -> LinkSigner | None:
    """What signs and reads our links; None without PARCOURS_LINK_SECRET. Raises SetupError when that is too short."""
    from engine.channels.signed_link import LinkSigner

    secret = settings.link_secret
    return LinkSigner(secret.get_secret_value().split()) if secret is not None else None


def unsubscribing(settings: Settings, purposes: Iterable[str]) -> Unsubscribing | None:
    """Makes the unsubscribe link of messages of these `purposes`; None while the settings do not allow links."""
    from engine.channels.signed_link import Unsubscribe

    signing, base, meant = signer(settings), settings.public_url, frozenset(purposes)
    if signing is None or base is None:
        return None
    start = base.rstrip("/") + UNSUBSCRIBE_PAGE

    def link(outgoing: Outgoing) -> str | None:
        if outgoing.purpose not in meant:
            return None
        facts = Unsubscribe(outgoing.message_id, outgoing.profile, outgoing.channel, outgoing.address, outgoing.purpose)
        return start + signing.sign(facts)

    return link


def refusable(plan: Plan) -> tuple[str, ...]:
    """The purposes that a customer can refuse, sorted."""
    return tuple(sorted(name for name, purpose in plan.policies.purposes.items() if not purpose.transactional))


def sends_refusable(plan: Plan, channel: str) -> bool:
    """Whether a journey sends by `channel` what a customer can refuse."""
    meant = refusable(plan)
    specs = (step.spec for journey in plan.journeys.values() for step in journey.steps.values())
    return any(channel in each.via and each.purpose in meant for spec in specs for each in sends(spec))


def no_links(settings: Settings) -> SetupError:
    """What is missing for unsubscribe links."""
    names = {"PARCOURS_PUBLIC_URL": settings.public_url, "PARCOURS_LINK_SECRET": settings.link_secret}
    missing = " and ".join(name for name, value in names.items() if value is None)
    return SetupError(
        f"Marketing e-mail needs an unsubscribe link that works with one click: set {missing}, or "
        "PARCOURS_DELIVERY=outbox to write files instead."
    )
