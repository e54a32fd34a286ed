"""What signs e-mail (DKIM), as the settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.errors import SetupError

if TYPE_CHECKING:
    from engine.channels.providers.dkim import DkimSigner
    from engine.settings import Settings


def signing(settings: Settings, sender: str) -> DkimSigner | None:
    """What signs e-mail of this sender; None without a key. Raises SetupError when the key cannot be used."""
    if settings.dkim_key is None:
        return None
    from engine.channels.providers.dkim import DkimSigner

    own = sender.rpartition("@")[2].lower()
    domain = (settings.dkim_domain or own).lower()
    if not f".{own}".endswith(f".{domain}") and not f".{domain}".endswith(f".{own}"):
        raise SetupError(
            f"PARCOURS_DKIM_DOMAIN is {domain}, but e-mail comes from {sender}: a signature of another domain proves "
            "nothing about it."
        )
    try:
        pem = (settings.workspace / settings.dkim_key).read_bytes()
    except OSError as fault:
        raise SetupError(f"The file of PARCOURS_DKIM_KEY cannot be read: {fault.strerror}.") from None
    return DkimSigner(domain, settings.dkim_selector, pem)
