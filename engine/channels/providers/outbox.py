"""The outbox: messages as files in a folder, for development and for whoever is not on the allowlist.

    <folder>/2026-04-04/101500-email-basket_reminder-ana-9f2c41d0.html
    <folder>/.attempts/<hash of the profile>/<hash of the attempt> -> the file above

The link is made first and decides the file's name, so an attempt that comes again (with a later time,
or in another process) rewrites its own file; and it finds what an erased customer must not leave behind.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from pathlib import Path

from engine.channels.providers.outbox_page import page, when
from engine.channels.providers.whole_file import write_whole
from engine.model.message import Outgoing, SendOutcome

ATTEMPTS = ".attempts"
_NOT_PLAIN = re.compile(r"[^a-z0-9_]+")


class OutboxSender:
    """A `Sender` that writes each message into `folder` (made when missing).

    `sender` is only shown, as the e-mail's From. A full or read-only disk is an outcome `retry`.
    """

    name = "outbox"
    idempotent = True

    def __init__(self, folder: Path, sender: str = "") -> None:
        self.folder = folder
        self.sender = sender

    def send(self, outgoing: Outgoing) -> SendOutcome:
        """Write the file; `provider_id` is its path inside the folder."""
        ending, text = page(outgoing, self.sender)
        try:
            place = self._claim(outgoing, ending)
            write_whole(os.path.join(self.folder, place), text)
        except OSError as fault:
            return SendOutcome("retry", f"the outbox folder {self.folder} cannot be written: {fault.strerror or fault}")
        return SendOutcome("accepted", provider_id=place)

    def close(self) -> None:
        """Nothing is kept open."""

    def forget(self, profile: str) -> int:
        """Delete every file written for this profile id; how many there were. Raises OSError."""
        links = self.folder / ATTEMPTS / _hash(profile)
        if not links.is_dir():
            return 0
        found = list(links.iterdir())
        for link in found:
            (self.folder / link.readlink()).unlink(missing_ok=True)
            link.unlink(missing_ok=True)
        links.rmdir()
        return len(found)

    def _claim(self, outgoing: Outgoing, ending: str) -> str:
        attempt = _hash(outgoing.attempt_id)
        moment = when(outgoing.at)
        names = [slug(outgoing.channel), slug(outgoing.message), slug(outgoing.label), attempt[:8]]
        place = f"{moment:%Y-%m-%d}/{moment:%H%M%S}-{'-'.join(names)}.{ending}"
        links = os.path.join(self.folder, ATTEMPTS, _hash(outgoing.profile))
        link = os.path.join(links, attempt)
        try:
            return _link(link, place)
        except FileNotFoundError:
            os.makedirs(links, exist_ok=True)
            return _link(link, place)


def _link(link: str, place: str) -> str:
    try:
        os.symlink(place, link)  # one call: either it is ours with its content, or it was there before
    except FileExistsError:
        return os.readlink(link)
    return place


def slug(text: str) -> str:
    """Anything -> at most 40 of `a-z 0-9 _ -`, safe as a part of a file's name; never empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _NOT_PLAIN.sub("-", plain).strip("-")[:40].rstrip("-") or "x"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
