"""Who an event is about: from the identifiers it carries and the profiles they are known to belong to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from engine.model.errors import BadEvent
from engine.model.ids import profile_id

Link = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Resolved:
    """`label` names a profile that begins here; `new_links` are identifiers to remember as the profile's;
    `facts` are entries of the index to be set whatever stood there; `conflict` says that identifiers belong
    to different profiles, '' when they agree."""

    profile_id: str
    label: str
    new_links: tuple[Link, ...]
    conflict: str = ""
    facts: dict[Link, str] = field(default_factory=dict)


def bears(identifier: str, profile: str) -> Link:
    """The entry of the index that holds a profile's value of a strong identifier."""
    return f"@{identifier}", profile


def resolve(
    identifiers: Mapping[str, str], order: Sequence[str], known: Mapping[Link, str], strong: Collection[str] = ()
) -> Resolved:
    """The profile of an event with these identifiers (identifier -> value).

    `order` lists the vocabulary's identifiers, strongest first, `strong` those that two people never share;
    `known` is the index: (identifier, value) -> profile id, and `bears(identifier, profile)` -> value. The
    strongest known identifier decides. A weak one does not lead to a profile that bears another value of a
    strong one: then the event begins a profile of its own, and the weak identifier moves there. Nobody is
    known: a new profile, named after the strongest identifier. Raises BadEvent when no identifier of `order`
    is there.
    """
    links = [(name, identifiers[name]) for name in order if identifiers.get(name)]
    if not links:
        raise BadEvent("profile", f"needs at least one of {', '.join(order)}")
    own = [link for link in links if link[0] in strong]
    found = [(link, known[link]) for link in links if link in known]
    strangers = [
        (link, profile)
        for link, profile in found
        if link[0] not in strong and any(known.get(bears(name, profile), value) != value for name, value in own)
    ]
    kept = [pair for pair in found if pair not in strangers]
    owner = kept[0][1] if kept else profile_id(*links[0])
    facts = {bears(name, owner): value for name, value in own if bears(name, owner) not in known}
    if not any(link[0] in strong for link, _ in kept):
        facts |= {link: owner for link, _ in strangers}
    others = [f"{name} belongs to {profile}" for (name, _), profile in found if profile != owner]
    by = kept[0][0][0] if kept else links[0][0]
    return Resolved(
        profile_id=owner,
        label=":".join(links[0]),
        new_links=tuple(link for link in links if link not in known),
        conflict=f"identity_conflict: taken as {owner} by {by}, but {', '.join(others)}" if others else "",
        facts=facts,
    )
