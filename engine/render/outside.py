"""What the rendering of a message asks of the world around it: links that lead back to us, and voucher codes.

The renderer knows no key and no store. Production hands it an `Outside` of its own; the checks, the preview and
the simulator use `SAMPLE`, which gives the same answers always.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Protocol

from engine.model.message import Addressee

# The pages of ours that a message may link to without their being in brand.yaml.
UNSUBSCRIBE, PREFERENCES = "unsubscribe", "preferences"
# The kind of catalogue items that are pools of voucher codes.
POOLS = "vouchers"
# Where the sample's pages would be.
SAMPLE_PAGES = "https://links.example/"
# Where a link costs room, what it leads to is kept with the message, and the link is only its number.
SHORT = frozenset({"sms"})


class EmptyPool(Exception):
    """No code is left in a pool of vouchers."""


class Outside(Protocol):
    """Answers are the same each time for one message: its parts and its attempts must agree."""

    def page(self, name: str, to: Addressee) -> str | None:
        """The address of the `unsubscribe` or `preferences` page for whoever gets the message; None: there is none."""
        ...

    def click(self, to: Addressee, address: str, number: int) -> str:
        """What stands for `address`, the link of that number in the message, so that a click is heard of."""
        ...

    def opening(self, to: Addressee) -> str | None:
        """The address of the picture that tells that a message was opened."""
        ...

    def voucher(self, to: Addressee, pool: str) -> str:
        """The code of this message from a pool. Raises EmptyPool."""
        ...


class Sample:
    """An outside that is always there and never changes."""

    def page(self, name: str, to: Addressee) -> str | None:
        return f"{SAMPLE_PAGES}{name}/{to.message or 'sample'}"

    def click(self, to: Addressee, address: str, number: int) -> str:
        return address

    def opening(self, to: Addressee) -> str | None:
        return None

    def voucher(self, to: Addressee, pool: str) -> str:
        return f"VOUCHER-{sha256(f'{pool}/{to.message}'.encode()).hexdigest()[:6].upper()}"


SAMPLE: Outside = Sample()
