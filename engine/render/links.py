"""The addresses of brand.yaml, filled in and marked with the campaign they came from."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from engine.render.missing import MissingValue
from engine.render.outside import PREFERENCES, UNSUBSCRIBE
from engine.render.shown import shown

_SPACE = re.compile(r"\s")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
# What a browser would run or show in the place of a page.
UNSAFE_SCHEMES = frozenset(["javascript", "vbscript", "data", "file", "blob", "about"])
_SAFE_SCHEMES = frozenset(["http", "https", "mailto", "tel"])


@lru_cache(maxsize=512)
def _query(pairs: tuple[tuple[str, str], ...]) -> str:
    """Most links carry the campaign alone, which is the same for all who get a message."""
    return urlencode(pairs)


class UnknownLink(Exception):
    """The message names a link that brand.yaml does not have, or leaves a part of one out."""


class Links:
    """`addresses` is `links:` of the brand: name -> address, with `{placeholders}` for what varies."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self._addresses = dict(addresses)
        self.names = frozenset(self._addresses) | {UNSUBSCRIBE, PREFERENCES}
        self._whole = {name: address for name, address in self._addresses.items() if "{" not in address}
        self._open = [
            (name, address, frozenset(_PLACEHOLDER.findall(address)))
            for name, address in self._addresses.items()
            if name not in self._whole
        ]
        self._fitting: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        schemes = {address.partition(":")[0].lower() for address in addresses.values()}
        self._schemes = (_SAFE_SCHEMES | schemes) - UNSAFE_SCHEMES

    def plain(self, given: Mapping[str, str]) -> dict[str, str]:
        """Every address that `given` completes, without campaign parameters: for footers and headers."""
        out, names = dict(self._whole), tuple(given)
        fitting = self._fitting.get(names)
        if fitting is None:
            fitting = [(name, address) for name, address, wanted in self._open if wanted.issubset(names)]
            self._fitting[names] = fitting
        for name, address in fitting:
            out[name] = _PLACEHOLDER.sub(lambda m: quote(given[m[1]], safe=""), address)
        return out

    def alike(self, name: str, params: Collection[str]) -> bool:
        """Whether `name` with these parameters leads everybody to the same page, within a language and a journey."""
        known = {*params, "locale", "journey"}
        return name in self._addresses and known.issuperset(_PLACEHOLDER.findall(self._addresses[name]))

    def has(self, name: str) -> bool:
        """Whether brand.yaml itself says where this leads."""
        return name in self._addresses

    def build(self, name: str, params: Mapping[str, Any], given: Mapping[str, str], campaign: Mapping[str, str]) -> str:
        """The address `name` with `params` in its placeholders, the rest and `campaign` in its query.

        Raises UnknownLink, and MissingValue for a parameter that is missing.
        """
        address = self._addresses.get(name)
        if address is None:
            near = get_close_matches(str(shown(name))[:60], self._addresses, 1)
            hint = f"Did you mean '{near[0]}'?" if near else f"It has: {', '.join(sorted(self._addresses)) or 'none'}."
            raise UnknownLink(f"there is no link '{str(shown(name))[:60]}' in brand.yaml. {hint}")
        for key, value in params.items():
            if value is None:
                raise MissingValue(key, None)
        rest = {key: str(shown(value)) for key, value in params.items()}  # str() of a missing value raises, naming it

        def fill(match: re.Match[str]) -> str:
            key = match[1]
            value = rest.pop(key) if key in rest else given.get(key)
            if value is None:
                raise UnknownLink(f"link '{name}' needs {key}: write link(\"{name}\", {key}=...).")
            return quote(value, safe="")

        address = _PLACEHOLDER.sub(fill, address)
        if address.startswith(("http://", "https://")):
            rest.update(campaign)
        if not rest:
            return address
        address, mark, fragment = address.partition("#")
        return address + ("&" if "?" in address else "?") + _query(tuple(rest.items())) + mark + fragment

    def checked(self, address: Any) -> str:
        """`address`, when a customer may be sent there. Raises UnknownLink for another scheme (javascript:...)."""
        text = str(shown(address)).strip()
        if not self.allowed(text):
            raise UnknownLink(f'{text[:60]!r} is not an address to send a customer to; use link("name").')
        return text

    def allowed(self, text: str) -> bool:
        """Whether `text` is an address, of a scheme that the brand or the web uses."""
        scheme, colon, rest = text.partition(":")
        return bool(colon and rest.strip("/")) and scheme.lower() in self._schemes and not _SPACE.search(text)
