"""What lies outside a customer's shard and goes with an erasure, before the shard's own commit.

Should the worker die in between, the order is still in the inbox and all of this is done again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from engine.journey.identity import Link
from engine.runtime import keys
from engine.runtime.blob import pack
from engine.runtime.commit import Commit
from engine.runtime.identities import remember_erased, unlink
from engine.runtime.store import Store

PAGE = 500
Forget = Callable[[str], object]


def nothing(profile: str) -> None:
    """A `Forget` for where no files are written."""


def clear(store: Store, strong: Collection[str], commit: Commit, forget: Forget) -> None:
    """Delete identifiers, prompts, answers and files of the customer that `commit` erases, also what sources sent of
    them that is no event, and remember its event ids.

    `forget` deletes the files written for a profile. The commit learns of the rendered copies there are.
    """
    erasure = commit.erase
    if commit.late:
        remember_erased(store, commit.late)
    if erasure is None:
        return
    remember_erased(store, erasure.events)
    unlink(store, erasure.links, [commit.profile, *erasure.absorbed], strong)
    _forget_refused(store, erasure.links)
    for shown in erasure.prompts:
        store.prompts.withdraw(*shown, "erased")
    forget(commit.profile)
    for request in store.shards.asked(commit.profile):
        store.redis.delete(keys.request(request))
    commit.erase = replace(erasure, kept=tuple(store.shards.copies(commit.profile)))


def _forget_refused(store: Store, links: Iterable[Link]) -> None:
    """What was set aside and names one of these identifiers, as a text or a number, in whatever place."""
    values = {value for _, value in links}
    needles = {pack(value).lower() for value in values}
    needles |= {pack(int(value)) for value in values if value.isascii() and value.isdigit() and len(value) < 19}
    after = "-"
    while needles and (page := store.redis.xrange(keys.REFUSED, after, count=PAGE)):
        for entry, fields in page:
            sent = fields.get(b"sent", b"")
            if any(needle in sent.lower() or needle in sent for needle in needles):
                store.redis.xdel(keys.REFUSED, entry)
        if len(page) < PAGE:
            return
        after = f"({page[-1][0].decode()}"
