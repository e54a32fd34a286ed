"""Who an event is about: from the identifiers it carries and the profiles they are known to belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.model.errors import BadEvent
from engine.model.ids import profile_id


@dataclass(frozen=True, slots=True)
class Resolved:
    """`label` names a profile that begins here; `new_links` are identifiers to remember as the profile's;
    `conflict` says that identifiers belong to different profiles, '' when they agree."""

    profile_id: str
    label: str
    new_links: tuple[tuple[str, str], ...]
    conflict: str = ""


def resolve(identifiers: Mapping[str, str], order: Sequence[str], known: Mapping[tuple[str, str], str]) -> Resolved:
    """The profile of an event with these identifiers (identifier -> value).

    `order` lists the vocabulary's identifiers, strongest first; `known` maps (identifier, value) to a profile
    id. The strongest known identifier decides; links that lead elsewhere stay as they are. Nobody is known: a
    new profile, named after the strongest identifier. Raises BadEvent when no identifier of `order` is there.
    """
    links = [(name, identifiers[name]) for name in order if identifiers.get(name)]
    if not links:
        raise BadEvent("profile", f"needs at least one of {', '.join(order)}")
    found = [(link, known[link]) for link in links if link in known]
    owner = found[0][1] if found else profile_id(*links[0])
    others = [f"{name} belongs to {profile}" for (name, _), profile in found if profile != owner]
    return Resolved(
        profile_id=owner,
        label=":".join(links[0]),
        new_links=tuple(link for link in links if link not in known),
        conflict=f"identity_conflict: taken as {owner} by {found[0][0][0]}, but {', '.join(others)}" if others else "",
    )
