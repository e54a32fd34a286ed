"""What a release changes: two compiled workspaces compared, by what their files mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any, Literal

from engine.define.checks.rule import Workspace, Written
from engine.define.history import HISTORY
from engine.define.story import is_story
from engine.define.workspace import SINGLE, Compiled

# Files of things that have a name of their own and keys.
NAMED = ("placements", "actions", "rules")

What = Literal["added", "removed", "changed", "moved"]
LONGEST = 80  # characters of a value that is shown
NOTHING: Any = object()


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is added, removed, changed, or (a step) moved. `was` and `now` are short texts.

    `kind` is journey, step, start and the other keys of a journey, policies and the other kinds of files, or
    templates; `name` the journey, step, path within the file or file; `place` where it is written.
    """

    what: What
    kind: str
    name: str
    was: str = ""
    now: str = ""
    place: str = ""
    parts: tuple[Change, ...] = ()


def diff(old: Compiled | None, new: Compiled) -> tuple[Change, ...]:
    """All changes from `old` (None: nothing is deployed) to `new`: journeys, then files by kind, then templates."""
    before = _Side(old) if old is not None else None
    after = _Side(new)
    return (*_journeys(before, after), *_files(before, after), *_templates(old, new))


def looks_again(changes: tuple[Change, ...]) -> list[str]:
    """Why everybody is looked at once more after this release; empty: nobody is."""
    found = []
    for change in changes:
        if change.kind == "segments" or (change.kind == "policies" and change.name.startswith("suppress")):
            found.append(f"{change.kind} {change.name}".strip() + f": {change.what}")
        elif change.kind == "journey" and change.what != "removed":
            parts = {part.kind: part for part in change.parts}
            if "schedule" in (change.now, change.was) and (change.what == "added" or "start" in parts):
                found.append(f"journey {change.name} starts by schedule")
            if "map" in parts:
                found.append(f"journey {change.name} takes people along")
    if not found and any(change.kind != "templates" for change in changes):
        found.append("more than templates changes")
    return found


class _Side:
    """One of the two workspaces."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        self.workspace = Workspace(compiled.plan, compiled.renderer, compiled.sources)
        self.journeys = {each.journey.name: each for each in self.workspace.journeys}

    def kind(self, kind: str) -> Any:
        doc = self.workspace.doc(kind)
        return doc.data.get(kind) if doc is not None else NOTHING


def _journeys(old: _Side | None, new: _Side) -> Iterator[Change]:
    before = old.journeys if old is not None else {}
    for name in sorted({*before, *new.journeys}):
        one, two = before.get(name), new.journeys.get(name)
        if one is None and two is not None:
            yield Change("added", "journey", name, "", _way(two), str(two.journey.place))
        elif two is None and one is not None:
            yield Change("removed", "journey", name, _way(one), "", str(one.journey.place))
        elif one is not None and two is not None:
            parts = (*_steps(one, two), *_heads(one, two))
            if parts:
                yield Change("changed", "journey", name, _way(one), _way(two), str(two.journey.place), parts)


def _way(written: Written) -> str:
    return "schedule" if written.journey.start.schedule is not None else ""


def _steps(old: Written, new: Written) -> Iterator[Change]:
    """Steps by their identity; one that only stands elsewhere among the others is moved."""
    before = {each.step.id: (_text(old, each.path, each.step.verb), str(each.step.place)) for each in old.steps}
    after = {each.step.id: (_text(new, each.path, each.step.verb), str(each.step.place)) for each in new.steps}
    mine, others = [name for name in before if name in after], [name for name in after if name in before]
    blocks = SequenceMatcher(None, mine, others, autojunk=False).get_matching_blocks()
    stayed = {mine[index] for block in blocks for index in range(block.a, block.a + block.size)}
    for name, (text, place) in after.items():
        if name not in before:
            yield Change("added", "step", name, "", text, place)
        elif before[name][0] != text:
            yield Change("changed", "step", name, before[name][0], text, place)
        elif name not in stayed:
            yield Change("moved", "step", name, text, text, place)
    for name, (text, place) in before.items():
        if name not in after:
            yield Change("removed", "step", name, text, "", place)


def _text(written: Written, path: Any, verb: Any) -> str:
    """A step without the steps inside it."""
    raw = written.raw(path)
    kept = {name: value for name, value in raw.items() if name not in verb.blocks}
    for name in verb.blocks:  # the arms of a split: their shares
        if isinstance(raw.get(name), dict):
            kept[name] = {arm: (body or {}).get("share") for arm, body in raw[name].items() if isinstance(body, dict)}
    return ", ".join(f"{name}: {_short(value)}" for name, value in kept.items())


def _heads(old: Written, new: Written) -> Iterator[Change]:
    keys = dict.fromkeys([*new.doc.data, *old.doc.data])
    for key in (key for key in keys if key not in ("journey", "steps")):
        was, now = old.doc.data.get(key), new.doc.data.get(key)
        if was != now:
            what: What = "added" if key not in old.doc.data else "removed" if key not in new.doc.data else "changed"
            place = new.doc.place((key,), key=True) if key in new.doc.data else old.doc.place((key,), key=True)
            yield Change(what, key, key, _short(was), _short(now), str(place))


def _files(old: _Side | None, new: _Side) -> Iterator[Change]:
    for kind in SINGLE:
        before = old.kind(kind) if old is not None else NOTHING
        if kind in NAMED and old is not None:
            yield from _named(kind, old, new)
        else:
            yield from _compared(kind, before, new.kind(kind))


def _named(kind: str, old: _Side, new: _Side) -> Iterator[Change]:
    """Things with names of their own: each is new, gone, or changed in some of its keys."""
    was, now = (found if isinstance(found := side.kind(kind), dict) else {} for side in (old, new))
    for name in dict.fromkeys([*was, *now]):
        one, two = was.get(name, NOTHING), now.get(name, NOTHING)
        if one == two:
            continue
        doc = (new if name in now else old).workspace.doc(kind)
        place = str(doc.place((kind, name), key=True)) if doc is not None else ""
        if name not in was or name not in now:
            what: What = "added" if name in now else "removed"
            yield Change(what, kind, str(name), _short(one), _short(two), place)
        else:
            parts = tuple(_compared(kind, one, two))
            yield Change("changed", kind, str(name), _short(one), _short(two), place, parts)


def _templates(old: Compiled | None, new: Compiled) -> Iterator[Change]:
    def texts(compiled: Compiled | None) -> dict[str, str]:
        sources = compiled.sources if compiled is not None else {}
        return {name: text for name, text in sources.items() if name != HISTORY and not _is_yaml(name)}

    before, after = texts(old), texts(new)
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            what: What = "added" if name not in before else "removed" if name not in after else "changed"
            yield Change(what, "templates", name, place=name)


def _is_yaml(name: str) -> bool:
    return name.endswith((".yaml", ".yml"))


def _compared(kind: str, was: Any, now: Any, path: str = "") -> Iterator[Change]:
    """What differs between two values of a file, as high up as it is wholly new or gone: 'caps[0].limit'."""
    if was == now:
        return
    if isinstance(was, dict) and isinstance(now, dict):
        for name in dict.fromkeys([*was, *now]):
            below = f"{path}.{name}" if path else str(name)
            yield from _compared(kind, was.get(name, NOTHING), now.get(name, NOTHING), below)
    elif _items(was) and _items(now):
        for index, (one, two) in enumerate(zip_longest(was, now, fillvalue=NOTHING)):
            yield from _compared(kind, one, two, f"{path}[{index}]")
    else:
        what: What = "added" if was is NOTHING else "removed" if now is NOTHING else "changed"
        yield Change(what, kind, path, _short(was), _short(now))


def _items(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(each, dict | list) for each in value)


def _short(value: Any) -> str:
    if value is None or value is NOTHING:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        text = f"[{', '.join(_short(each) for each in value)}]"
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{name}: {_short(each)}" for name, each in value.items()) + "}"
    else:
        text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def same(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """Would a release of `new` over `old` change nothing? Stories and what a release finds out do not count."""

    def files(sources: Mapping[str, str]) -> dict[str, str]:
        return {name: text for name, text in sources.items() if name != HISTORY and not is_story(text)}

    return files(old) == files(new)
