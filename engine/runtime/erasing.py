"""What lies outside a customer's shard and goes with an erasure, before the shard's own commit.

Should the worker die in between, the order is still in the inbox and all of this is done again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from engine.runtime.commit import Commit
from engine.runtime.identities import remember_erased, unlink
from engine.runtime.store import Store

Forget = Callable[[str], object]


def nothing(profile: str) -> None:
    """A `Forget` for where no files are written."""


def clear(store: Store, strong: Collection[str], commit: Commit, forget: Forget) -> None:
    """Delete identifiers, prompts and files of the customer that `commit` erases, and remember its event ids.

    `forget` deletes the files written for a profile. The commit learns of the rendered copies there are.
    """
    erasure = commit.erase
    if commit.late:
        remember_erased(store, commit.late)
    if erasure is None:
        return
    remember_erased(store, erasure.events)
    unlink(store, erasure.links, [commit.profile, *erasure.absorbed], strong)
    for shown in erasure.prompts:
        store.prompts.withdraw(*shown, "erased")
    forget(commit.profile)
    commit.erase = replace(erasure, kept=tuple(store.shards.copies(commit.profile)))
