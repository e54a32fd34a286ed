"""Finding a customer by whatever somebody has at hand."""

from __future__ import annotations

from engine.define.identifiers import spelled
from engine.model.errors import UnknownProfile
from engine.model.ids import shard_of
from engine.model.plan import Plan
from engine.model.words import Words
from engine.runtime import keys
from engine.runtime.store import Store


def find(store: Store, plan: Plan, who: str) -> str:
    """The profile id of `who`: 'email:ana@x.org', a bare value of any identifier, or a profile id.

    Raises UnknownProfile, in a sentence that says what was looked for.
    """
    names = tuple(plan.vocabulary.identifiers)
    name, colon, value = who.partition(":")
    written = [(name, value.strip())] if colon and name in names else [(each, who.strip()) for each in names]
    links = [link for each in written for link in _spellings(plan, *each)]
    found = store.known(links)
    for link in links:
        if link in found:
            return store.shards.home(found[link])
    if store.redis.exists(keys.profile(shard_of(who), who)):
        return store.shards.home(who)
    if colon and name not in names and name.isidentifier():
        raise UnknownProfile(
            who, Words("'{name}' is no identifier of this workspace: {names} are", name=name, names=", ".join(names))
        )
    raise UnknownProfile(
        who, Words("looked for it as {what} and as the id of a customer", what=", ".join(each for each, _ in written))
    )


def _spellings(plan: Plan, name: str, value: str) -> list[tuple[str, str]]:
    """The identifier as it was asked for, in its one spelling, and in small letters."""
    return [
        (name, each) for each in dict.fromkeys([value, spelled(plan.vocabulary, name, value) or value, value.lower()])
    ]
