"""Lines of workspace files as they stood in the plan that ran: `explain` quotes them."""

from __future__ import annotations

import re
import zlib

import msgspec

from engine.runtime.releases import releases
from engine.runtime.store import Store

LONGEST = 120  # characters of a quoted line


class Quotes:
    """The sources of published plans, read once each."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sources: dict[str, dict[str, str]] = {}
        self._versions: dict[str, dict[str, str]] | None = None
        self._lines: dict[tuple[str, str, str, str], str] = {}  # a story names the same places again and again

    def line(self, place: str, plan: str, journey: str = "", version: str = "") -> str:
        """The text at `place` ('journeys/x.yaml:9') in `plan`; '' when it is not known any more.

        What stands in the file of `journey` is quoted from the plan that holds its `version`: an enrolment walks
        the steps it entered, whatever was published since.
        """
        asked = (place, plan, journey, version)
        if asked not in self._lines:
            self._lines[asked] = self._line(*asked)
        return self._lines[asked]

    def _line(self, place: str, plan: str, journey: str, version: str) -> str:
        file, _, number = place.rpartition(":")
        if not file or not number.isdecimal():
            return ""
        text = self._of(plan).get(file, "")
        if version and self._release(plan).get(journey) != version:
            older = self._store.plan_of_journey(journey, version)
            pinned = self._of(older).get(file, "")
            if older != plan and re.search(rf"^journey:\s*['\"]?{re.escape(journey)}\b", pinned or text, re.MULTILINE):
                text = pinned  # '' when that release was forgotten: no quote rather than a wrong one
        lines = text.splitlines()
        line = lines[int(number) - 1].strip() if 0 < int(number) <= len(lines) else ""
        if file.endswith((".yaml", ".yml")):
            line = re.sub(r"\s+#\s[^'\"]*$", "", line)  # a comment behind it
        return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"

    def _release(self, fingerprint: str) -> dict[str, str]:
        """The versions that a plan holds itself, by journey."""
        if self._versions is None:
            self._versions = {name: each.journeys for name, each in releases(self._store).items()}
        return self._versions.get(fingerprint, {})

    def _of(self, fingerprint: str) -> dict[str, str]:
        if fingerprint not in self._sources:
            packed = self._store.plan_sources(fingerprint) if fingerprint else None
            self._sources[fingerprint] = (
                msgspec.msgpack.decode(zlib.decompress(packed), type=dict[str, str]) if packed is not None else {}
            )
        return self._sources[fingerprint]
