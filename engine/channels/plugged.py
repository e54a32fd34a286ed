"""Providers that other distributions bring: an entry point of the group `parcours.providers`, named as a URL's scheme.

Its value is a function `make(url, channel) -> Sender`. Nothing of it is imported before a setting names its scheme.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from engine.model.errors import SetupError
from engine.model.message import Outgoing, Sender, SendOutcome

GROUP = "parcours.providers"
WANTED = ("name", "idempotent", "send", "close")


def schemes() -> dict[str, list[str]]:
    """The schemes that are installed, each with the distributions that bring it ('parcours-telegram 1.0')."""
    found: dict[str, list[str]] = {}
    for point in entry_points(group=GROUP):
        found.setdefault(point.name, []).append(_whose(point))
    return found


def plugged(scheme: str, url: str, channel: str) -> Sender | None:
    """The client that a distribution makes of `url`; None when none is installed for this scheme.

    Raises SetupError, which names the distribution and never shows the URL.
    """
    points = list(entry_points(group=GROUP, name=scheme))
    if not points:
        return None
    point = points[0]
    if len({each.value for each in points}) > 1:
        both = " and ".join(sorted(_whose(each) for each in points))
        raise SetupError(f"{both} both bring a provider {scheme}://: uninstall one of them.")
    try:
        made = point.load()(url, channel)
    except Exception as fault:  # whatever it is, it is the distribution's own; its text may hold the URL
        said = f"{type(fault).__name__}: {fault}".replace(url, f"{scheme}://...")[:300]
        text = f"The provider {scheme}:// of {_whose(point)} cannot be used for {channel}: {said}"
        raise SetupError(text) from None
    lacking = [name for name in WANTED if not hasattr(made, name)]
    if lacking:
        text = f"The provider {scheme}:// of {_whose(point)} is no sender: it has no {', '.join(lacking)}."
        raise SetupError(text + " docs/delivery.md says what one is.")
    return _Checked(made, _whose(point))


def _whose(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else point.value


class _Checked:
    """A sender of another distribution, whose answers are looked at."""

    def __init__(self, sender: Any, whose: str) -> None:
        self._sender, self._whose = sender, whose
        self.name, self.idempotent = str(sender.name), bool(sender.idempotent)

    def takes(self, address: str) -> bool:
        """Whether it is this sender's address; a sender that does not say takes all of its channel."""
        takes = getattr(self._sender, "takes", None)
        try:
            return takes is None or bool(takes(address))
        except Exception:  # then its `send` says what is wrong
            return True

    def send(self, outgoing: Outgoing) -> SendOutcome:
        """What the sender says; `unknown` when it raises, or says what is no outcome: it may have arrived."""
        try:
            outcome = self._sender.send(outgoing)
        except Exception as fault:
            return SendOutcome("unknown", f"{self._whose} failed: {type(fault).__name__}: {fault}"[:300])
        if not isinstance(outcome, SendOutcome):
            return SendOutcome("unknown", f"{self._whose} answered with {type(outcome).__name__} and no SendOutcome")
        # what it reports comes in by our own webhook
        return replace(outcome, names="webhook") if outcome.provider_id else outcome

    def close(self) -> None:
        self._sender.close()
