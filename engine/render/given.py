"""What one rendering hands to its template beside the data: links, the pages of ours, voucher codes."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from engine.model.message import Addressee
from engine.render.links import Links, UnknownLink
from engine.render.outside import PREFERENCES, SHORT, UNSUBSCRIBE, EmptyPool, Outside


class Unanswered(Exception):
    """The outside failed: no fault of the message. The cause says how."""


class Given:
    """The links and codes of one message, the same in each of its parts.

    `links` fills the template's variable of that name, and is made when somebody asks for it; `targets` are the
    addresses that short links stand for.
    """

    def __init__(
        self,
        brand: Links,
        pools: frozenset[str],
        outside: Outside,
        to: Addressee,
        given: Mapping[str, str],
        campaign: Mapping[str, str],
        *,
        marketing: bool,
    ) -> None:
        self._brand, self._pools, self._outside = brand, pools, outside
        self._to, self._given, self._campaign, self._marketing = to, given, campaign, marketing
        self._codes: dict[str, str] = {}
        self._clicks: dict[str, str] = {}

    @cached_property
    def links(self) -> dict[str, str]:
        links = self._brand.plain(self._given)
        for name in (PREFERENCES, UNSUBSCRIBE) if self._marketing else (PREFERENCES,):
            if not self._brand.has(name) and (page := self._outside.page(name, self._to)) is not None:
                links[name] = page
        return links

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(self._clicks) if self._to.channel in SHORT else ()

    def link(self, name: str, /, **params: Any) -> str:
        """`link()` of the templates. Raises UnknownLink, MissingValue."""
        if name in (PREFERENCES, UNSUBSCRIBE) and not self._brand.has(name) and name in self.links:
            return self.links[name]
        address = self._brand.build(name, params, self._given, self._campaign)
        if self._to.clicks and address.startswith(("http://", "https://")):
            if address not in self._clicks:
                self._clicks[address] = self._outside.click(self._to, address, len(self._clicks))
            if self._clicks[address] != address:
                return self._clicks[address]
        # where a link costs room, the parameters of the campaign are worth none of it
        return self._brand.build(name, params, self._given, {}) if self._to.channel in SHORT else address

    def voucher(self, pool: str) -> str:
        """`voucher()` of the templates. Raises UnknownLink, EmptyPool, Unanswered."""
        if pool not in self._pools:
            near = get_close_matches(str(pool), self._pools, 1)
            known = ", ".join(sorted(self._pools)) or "none"
            hint = f"Did you mean '{near[0]}'?" if near else f"There is: {known}."
            raise UnknownLink(f"the catalogue has no vouchers '{pool}'. {hint}")
        if pool not in self._codes:
            try:
                self._codes[pool] = self._outside.voucher(self._to, pool)
            except EmptyPool:
                raise
            except Exception as fault:
                raise Unanswered from fault
        return self._codes[pool]
