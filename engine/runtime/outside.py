"""What production answers to the rendering of a message: signed links, and codes from the pools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.channels.signed_link import LONGEST, Click, LinkSigner, Opening, Unsubscribe
from engine.model.message import Addressee
from engine.render.outside import SHORT, UNSUBSCRIBE, EmptyPool
from engine.runtime.own_links import CLICK, OPENING, PREFERENCES_PAGE, UNSUBSCRIBE_PAGE, signer

if TYPE_CHECKING:
    from engine.runtime.store import Store
    from engine.settings import Settings

MOST_SHORT = 256  # short links of one message


class Installation:
    """An `Outside`. Without PARCOURS_PUBLIC_URL and PARCOURS_LINK_SECRET it makes no links."""

    def __init__(self, store: Store, public_url: str | None = None, signing: LinkSigner | None = None) -> None:
        self._store = store
        self._signer = signing if public_url is not None else None
        self._base = (public_url or "").rstrip("/")

    @classmethod
    def of(cls, settings: Settings, store: Store) -> Installation:
        """As the settings say. Raises SetupError for a secret that is too short."""
        return cls(store, settings.public_url, signer(settings))

    def page(self, name: str, to: Addressee) -> str | None:
        if self._signer is None or not to.address:
            return None
        token = self._signer.sign(Unsubscribe(to.message, to.profile, to.channel, to.address, to.purpose))
        return f"{self._base}{UNSUBSCRIBE_PAGE if name == UNSUBSCRIBE else PREFERENCES_PAGE}{token}"

    def click(self, to: Addressee, address: str, number: int) -> str:
        if self._signer is None:
            return address
        if to.channel in SHORT:
            return (
                f"{self._base}{CLICK}{self._signer.sign_number(to.message, number)}" if number < MOST_SHORT else address
            )
        token = self._signer.sign(Click(to.message, address))
        return f"{self._base}{CLICK}{token}" if len(token) <= LONGEST else address

    def opening(self, to: Addressee) -> str | None:
        return (
            f"{self._base}{OPENING}{self._signer.sign(Opening(to.message))}.gif" if self._signer is not None else None
        )

    def voucher(self, to: Addressee, pool: str) -> str:
        code = self._store.vouchers.claim(pool, to.message, to.profile)
        if not code:
            raise EmptyPool(f"no code is left in the pool '{pool}'.")
        return code
