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
    `facts` are entries of the index to be set whatever stood there; `conflict` says that identifiers belong to
    different people, '' when they agree.

    `absorbs` are profiles that turn out to be the same customer, `led` what led to each; then `bears` holds the
    profile's values of strong identifiers, as far as the index knows.
    """

    profile_id: str
    label: str
    new_links: tuple[Link, ...]
    conflict: str = ""
    facts: dict[Link, str] = field(default_factory=dict)
    absorbs: tuple[str, ...] = ()
    led: dict[str, tuple[Link, ...]] = field(default_factory=dict)
    bears: dict[str, str] = field(default_factory=dict)


def bears(identifier: str, profile: str) -> Link:
    """The entry of the index that holds a profile's value of a strong identifier."""
    return f"@{identifier}", profile


def resolve(
    identifiers: Mapping[str, str], order: Sequence[str], known: Mapping[Link, str], strong: Collection[str] = ()
) -> Resolved:
    """The profile of an event with these identifiers (identifier -> value).

    `order` lists the vocabulary's identifiers, strongest first, `strong` those that two people never share;
    `known` is the index: (identifier, value) -> profile id, and `bears(identifier, profile)` -> value.

    Profiles that the identifiers lead to are one customer, unless they bear different values of a strong
    identifier: then the strongest identifier decides, and it is a conflict. A weak one does not lead to a profile
    that bears another value of a strong one than the event: then the event begins a profile of its own, and the
    weak identifier moves there. Nobody is known: a new profile, named after the strongest identifier. Raises
    BadEvent when no identifier of `order` is there.
    """
    links = [(name, identifiers[name]) for name in order if identifiers.get(name)]
    if not links:
        raise BadEvent("profile", f"needs at least one of {', '.join(order)}")
    own = {name: value for name, value in links if name in strong}
    owners = {known.get(link) for link in links}
    if len(owners) == 1 and (one := owners.pop()) is not None and _borne(one, own, known) == own:
        return Resolved(one, ":".join(links[0]), ())  # nearly always: somebody known, and nothing new
    found = [(link, known[link]) for link in links if link in known]
    strangers = [
        (link, profile)
        for link, profile in found
        if link[0] not in strong and _differ(own, _borne(profile, own, known))
    ]
    kept = [pair for pair in found if pair not in strangers]
    same = _same([profile for _, profile in kept], order, known, strong)
    owner = same[0] if same else profile_id(*links[0])
    facts = {bears(name, owner): value for name, value in own.items() if bears(name, owner) not in known}
    for other in same[1:]:
        for name, value in _borne(other, strong, known).items():
            if bears(name, owner) not in known:
                facts.setdefault(bears(name, owner), value)
    if not any(link[0] in strong for link, _ in kept):
        facts |= {link: owner for link, _ in strangers}
    others = [f"{name} belongs to {profile}" for (name, _), profile in found if profile not in (owner, *same)]
    by = kept[0][0][0] if kept else links[0][0]
    return Resolved(
        profile_id=owner,
        label=":".join(links[0]),
        new_links=tuple(link for link in links if link not in known),
        conflict=f"identity_conflict: taken as {owner} by {by}, but {', '.join(others)}" if others else "",
        facts=facts,
        absorbs=tuple(same[1:]),
        led={other: tuple(link for link, profile in kept if profile == other) for other in same[1:]},
        bears=own | _borne(owner, strong, known) if len(same) > 1 else {},
    )


def _borne(profile: str, names: Collection[str], known: Mapping[Link, str]) -> dict[str, str]:
    return {name: known[bears(name, profile)] for name in names if bears(name, profile) in known}


def _differ(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return any(other.get(name, value) != value for name, value in one.items())


def _same(
    profiles: Sequence[str], order: Sequence[str], known: Mapping[Link, str], strong: Collection[str]
) -> list[str]:
    """Those of `profiles` that are the customer of the first one, the one to keep in front.

    That is the one with the strongest identifier, whichever of them the event names first: two events that
    bring the same two together at the same time must not merge each into the other.
    """
    if len(set(profiles)) < 2:
        return list(profiles[:1])
    same, borne = [profiles[0]], _borne(profiles[0], strong, known)
    for profile in dict.fromkeys(profiles[1:]):
        theirs = _borne(profile, strong, known)
        if profile not in same and not _differ(borne, theirs):
            same.append(profile)
            borne = theirs | borne

    def rank(profile: str) -> tuple[int, str]:
        theirs = _borne(profile, strong, known)
        return next((place for place, name in enumerate(order) if name in theirs), len(order)), profile

    return sorted(same, key=rank)
