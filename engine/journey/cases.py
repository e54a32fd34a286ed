"""Cases that nobody closed: after a while they no longer count, and an operator is told."""

from __future__ import annotations

from collections.abc import Iterator

from engine.journey.walk import Walk
from engine.model.record import Reason
from engine.policy.wallclock import iso


def expire_cases(walk: Walk) -> int | None:
    """Take out of the counts what has been open for too long; when the last of it expired (epoch ms), if any did."""
    over = [(due, name, case) for due, name, case in _dues(walk) if due <= walk.now]
    for due, name, case in sorted(over):
        profile = walk.profile
        profile.open[name].remove(case)
        profile.attributes[name] = len(profile.open[name])
        opened = iso(profile.stamps[f"{name}/{case}"].at)
        observed = f"{name}: the case '{case}' was opened {opened} and not closed by {iso(due)}"
        walk.record("flagged", reason=Reason("case_expired", observed))
    return max(over)[0] if over else None


def next_expiry(walk: Walk) -> int | None:
    """When the next open case expires (epoch ms)."""
    return min((due for due, _, _ in _dues(walk)), default=None)


def _dues(walk: Walk) -> Iterator[tuple[int, str, str]]:
    """When each open case expires, by attribute and case. Counted from its last opening."""
    for name, cases in walk.profile.open.items():
        attribute = walk.plan.vocabulary.attributes.get(name)
        if attribute is None or attribute.expires is None:
            continue
        for case in cases:
            stamp = walk.profile.stamps.get(f"{name}/{case}")
            if stamp is not None:
                yield stamp.at + attribute.expires, name, case
