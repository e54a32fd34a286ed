"""What `parcours plan` says, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from engine.policy.standing import called
from engine.policy.wallclock import iso

if TYPE_CHECKING:
    from engine.define.diff import Change
    from engine.runtime.planning import Group, Outlook

SIGNS = {"added": "+", "removed": "-", "changed": "~", "moved": ">"}


def text(outlook: Outlook) -> str:
    """All of it, a line each."""
    return "\n".join(_lines(outlook))


def _lines(outlook: Outlook) -> Iterator[str]:
    yield _head(outlook)
    if outlook.deployed and outlook.changes:
        yield "\nChanges"
        for change in outlook.changes:
            yield from _change(change)
    if outlook.people:
        yield "\nPeople inside"
        yield from _people(outlook.people)
    if outlook.answers:
        yield "\nNext best actions"
        yield from (f"  {line}" for line in outlook.answers)
    if outlook.everybody:
        yield "\nEverybody is looked at once more"
        yield from (f"  {reason}" for reason in outlook.everybody)
    if outlook.history:
        yield "\nNot known yet"
        yield from (f"  {gap}" for gap in outlook.history)
    if outlook.stopped:
        yield "\nStopped"
        for name, each in sorted(outlook.stopped.items()):
            yield f"  {called(name)} is {each.word} since {iso(each.since)}, by {each.by}"
    if outlook.problems:
        from engine.define.report import listing

        yield "\nThis cannot be deployed\n" + listing(outlook.problems)


def _head(outlook: Outlook) -> str:
    if not outlook.deployed:
        journeys = sum(change.kind == "journey" for change in outlook.changes)
        return f"Nothing is deployed yet: all of this workspace is new, its {journeys} journeys and all else."
    release = outlook.release
    since = f" since {iso(release.at)}" if release is not None else ""
    by = f", by {release.by}" if release is not None and release.by else ""
    says = "The workspace is the same: nothing changes." if outlook.nothing else "The workspace would replace it."
    return f"Deployed is {outlook.deployed}{since}{by}. {says}"


def _change(change: Change, indent: str = "  ") -> Iterator[str]:
    sign = SIGNS[change.what]
    place = f"  ({change.place})" if change.place and change.kind not in ("templates", "journey") else ""
    label = f"{change.kind} {change.name}".strip() if indent == "  " else change.name
    if change.parts and change.kind != "journey":
        yield f"{indent}{sign} {label}{place}"
    elif change.kind in ("journey", "templates"):
        yield f"{indent}{sign} {label}"
    elif change.what == "moved":
        yield f"{indent}{sign} {label} stands elsewhere{place}"
    elif change.what == "changed":
        yield f"{indent}{sign} {label}: {change.was} -> {change.now}{place}"
    else:
        yield f"{indent}{sign} {label}: {change.now or change.was}{place}"
    for part in change.parts:
        yield from _change(part, indent + "    ")


def _people(groups: Iterable[Group]) -> Iterator[str]:
    groups = list(groups)
    versions = dict.fromkeys((each.journey, each.version) for each in groups)
    for journey, version in versions:
        mine = [each for each in groups if (each.journey, each.version) == (journey, version)]
        how = "which stays" if mine[0].stays else "who keep to it" if not all(each.to for each in mine) else "moved"
        yield f"  {journey} {version}: {sum(each.people for each in mine):,}, {how}"
        for each in mine:
            where = f" -> {each.to}" if each.to else ""
            yield f"    {each.people:>9,}  {each.step or 'before the first or after the last step'}{where}"
