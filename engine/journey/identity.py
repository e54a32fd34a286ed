"""Whose event is it? One rule for the API, the simulator and the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.model.ids import profile_id


@dataclass(frozen=True, slots=True)
class Resolved:
    """The profile an event belongs to. `new_links` are identifiers to be indexed for it; `conflict` names
    another profile that one of its identifiers leads to ('' mostly)."""

    profile_id: str
    label: str
    new_links: tuple[tuple[str, str], ...]
    conflict: str = ""


def resolve(identifiers: Mapping[str, str], order: Sequence[str], known: Mapping[tuple[str, str], str]) -> Resolved:
    """Whose event carries `identifiers`? `order` lists identifier names, strongest first; `known` is the index.

    The strongest known identifier decides. When none is known the profile is new, named by the strongest.
    """
    pairs = [(name, identifiers[name]) for name in order if name in identifiers]
    found = [known[pair] for pair in pairs if pair in known]
    owner = found[0] if found else profile_id(*pairs[0])
    other = next((profile for profile in found if profile != owner), "")
    new = tuple(pair for pair in pairs if pair not in known)
    return Resolved(owner, ":".join(pairs[0]), new, other)
