"""Caps: how many messages one customer gets. All caps apply; each message counts from the instant it leaves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.model.message import Counted
from engine.model.policy import INTERNAL, Cap, Policies, Purpose
from engine.model.profile import Profile
from engine.model.span import DAY
from engine.policy.verdict import Refusal
from engine.policy.wallclock import calendar_start, customer_zone


def _applies(cap: Cap, channel: str, purpose: str, tags: Sequence[str]) -> bool:
    return (
        (not cap.channels or channel in cap.channels)
        and (not cap.purposes or purpose in cap.purposes)
        and (not cap.tags or not cap.tags.isdisjoint(tags))
    )


def _counted(cap: Cap, ledger: Sequence[Counted], since: int, now: int) -> int:
    return sum(
        1
        for entry in ledger
        if since < entry.at <= now
        and entry.purpose != INTERNAL.name  # the customer did not get it
        and _applies(cap, entry.channel, entry.purpose, entry.tags)
    )


def refused_by_caps(
    profile: Profile,
    policies: Policies,
    purpose: Purpose,
    channel: str,
    now: int,
    on_cap: str,
    tags: Sequence[str] = (),
    own: str = "",
) -> Refusal | None:
    """The first cap that is full, else None. A message reserves its place only once all caps have let it pass,
    and its own reservation (`own` is its id) does not count against it.

    `on_cap` is the step's own wish, '' to take the cap's. A rolling window is (now - n, now].
    """
    if purpose.transactional:
        return None
    ledger = [e for e in profile.ledger if e.committed or not own or not e.id.startswith(own)]
    return first_full(concerned(policies.caps, channel, purpose.name, tags), ledger, profile, policies, now, on_cap)


def concerned(caps: Iterable[Cap], channel: str, purpose: str, tags: Sequence[str]) -> list[Cap]:
    """The caps that a message of this channel, purpose and tags counts in."""
    return [cap for cap in caps if _applies(cap, channel, purpose, tags)]


def first_full(
    caps: Iterable[Cap], ledger: Sequence[Counted], profile: Profile, policies: Policies, now: int, on_cap: str = ""
) -> Refusal | None:
    """The first of `caps` that what is counted in `ledger` fills, else None."""
    for cap in caps:
        if cap.window is not None:
            since = now - cap.window
        else:
            since = calendar_start(now, cap.calendar, customer_zone(profile, policies)) - 1
        used = _counted(cap, ledger, since, now)
        if used >= cap.limit:
            then = on_cap or cap.on_cap
            return Refusal(
                "cap",
                f"{used} of {cap.text}",
                "next_channel" if then == "next_channel" else "stop" if then == "stop" else "skip",
                place=cap.place,
            )
    return None


def reserve(profile: Profile, policies: Policies, entry: Counted) -> None:
    """Count a message as it leaves, and forget what no cap looks back to any more."""
    longest = max(remembered(policies.caps), policies.remembers)
    profile.ledger = [e for e in profile.ledger if e.at > entry.at - longest - DAY and e.id != entry.id]
    profile.ledger.append(entry)


def remembered(caps: Iterable[Cap]) -> int:
    """How far these caps look back at most, in ms."""
    return max((cap.window or 32 * DAY for cap in caps), default=0)


def shown(action: str, at: int | None = None) -> str:
    """How the ledger names an action that was shown at an instant (epoch ms); without one, how all those begin."""
    return f"shown|{action}|{at if at is not None else ''}"


def named_in(entry: Counted) -> tuple[str, ...]:
    """The actions that an entry of the ledger `says`."""
    of_its_own = (entry.id.split("|", 1)[1].rsplit("|", 1)[0],) if entry.id.startswith("shown|") else ()
    return (entry.action, *of_its_own) if entry.action else of_its_own


def says(entry: Counted, action: str) -> bool:
    """Whether an entry of the ledger is an action that was shown, or a message that said it."""
    return entry.action == action or entry.id.startswith(shown(action))


def counted_at(profile: Profile, attempt: str) -> int:
    """When an attempt counts (epoch ms); 0 when it does not."""
    return next((entry.at for entry in profile.ledger if entry.id == attempt), 0)


def reset(profile: Profile, attempt: str, at: int) -> None:
    """An attempt counts when it was made before: this time it did not leave."""
    for entry in profile.ledger:
        if entry.id == attempt:
            entry.at = at
    profile.ledger.sort(key=lambda each: each.at)


def commit(profile: Profile, attempt: str) -> None:
    """The provider accepted: the reservation stays for good."""
    for entry in profile.ledger:
        if entry.id == attempt:
            entry.committed = True


def forget(profile: Profile, message: str) -> None:
    """Nobody was told what the message said, though it had left: no attempt of it counts any more."""
    profile.ledger = [entry for entry in profile.ledger if not entry.id.startswith(f"{message}-")]


def release(profile: Profile, attempt: str) -> None:
    """The message definitely did not leave: it no longer counts."""
    profile.ledger = [entry for entry in profile.ledger if entry.id != attempt or entry.committed]
