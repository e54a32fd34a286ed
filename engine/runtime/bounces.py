"""Mail that came back becomes a receipt of the message it is about, or is set aside with the reason."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from engine.channels.return_path import ReturnPath
from engine.channels.returned import NotAReport, Returned, What, read_returned
from engine.channels.signed_link import BadLink, Unsubscribe
from engine.model.errors import SetupError
from engine.model.ids import token
from engine.model.receipt import Happened, Odd, Receipt, Took
from engine.runtime.own_links import UNSUBSCRIBE_PAGE, signer

if TYPE_CHECKING:
    from engine.settings import Settings

_HAPPENED: dict[What, Happened] = {
    "failed": "bounced",
    "delayed": "bounced",
    "delivered": "delivered",
    "complained": "complained",
    "unsubscribed": "unsubscribed",
}
_LINK = re.compile(f"{UNSUBSCRIBE_PAGE}([A-Za-z0-9_-]+)")
_ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")

_log = logging.getLogger("parcours.bounces")

Take = Callable[[Sequence[Receipt]], Sequence[Took]]
Aside = Callable[[Odd], None]


def return_path(settings: Settings) -> ReturnPath | None:
    """Where our mail comes back; None without PARCOURS_BOUNCE_ADDRESS. Raises SetupError when that cannot be used."""
    if settings.bounce_address is None:
        return None
    if signer(settings) is None or settings.link_secret is None:
        raise SetupError("PARCOURS_BOUNCE_ADDRESS needs PARCOURS_LINK_SECRET, which signs what comes back.")
    return ReturnPath(settings.bounce_address, settings.link_secret.get_secret_value().split())


class Bounces:
    """Takes in what came back. `take` takes receipts in, `aside` keeps what cannot become one.

    Raises SetupError when the settings name no bounce address.
    """

    def __init__(self, settings: Settings, take: Take, aside: Aside) -> None:
        path, links = return_path(settings), signer(settings)
        if path is None or links is None:
            raise SetupError("Set PARCOURS_BOUNCE_ADDRESS, to which undeliverable e-mail comes back, on all machines.")
        self._path, self._links = path, links
        self._take, self._aside = take, aside

    def take(self, mail: bytes, recipient: str) -> Took:
        """Deal with one mail that came for `recipient`. Raises what the store raises: then it shall come again."""
        try:
            said = read_returned(mail)
            attempt, address = self._about(said, recipient)
        except (NotAReport, BadLink) as fault:
            self._aside(Odd("mail", token("mail", repr(mail[:4_000])), "bounced", "", str(fault)))
            return Took("aside", reason=str(fault))
        receipt = Receipt(
            source="mail",
            id=f"{said.what}{'-dead' if said.dead else ''}",  # once for an attempt, however often it is told
            happened=_HAPPENED[said.what],
            message=attempt,
            channel="email",
            address=address,
            hard=said.dead,
            reason=said.reason,
        )
        (took,) = self._take([receipt])
        _log.info("returned mail: %s %s, %s", receipt.id, attempt, took.status)
        return took

    def _about(self, said: Returned, recipient: str) -> tuple[str, str]:
        """The attempt that it is about, and the address if that was signed as well. Raises BadLink."""
        try:
            return self._path.read(recipient), ""
        except BadLink as fault:
            if said.what not in ("complained", "unsubscribed"):
                raise
            reason = fault
        # complaints come to the mailbox that a provider was told; the mail they return carries what we have signed
        for clue in said.clues:
            for each in _ADDRESS.findall(clue):
                try:
                    return self._path.read(each), ""
                except BadLink as fault:
                    reason = fault
            for each in _LINK.findall(clue):
                try:
                    link = self._links.read(each, Unsubscribe)
                except BadLink as fault:
                    reason = fault
                else:
                    return link.message, link.address
        raise BadLink(f"nothing signed is in the complaint: {reason}")
