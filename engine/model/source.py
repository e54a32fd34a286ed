"""Where events come from that other programs write in their own words: which of theirs is which of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.model.problem import NOWHERE, Place

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """How one value is found in what was sent: at the first of `paths` that holds something, in a header, or as it
    stands here.

    `words` maps what is found to what is meant (what is not among them is nothing); what is in `unless` is nothing.
    `join` are found one by one and put together with `by`. `each` is the path of a list; of each member `fields` are
    taken, or `member` alone.
    """

    paths: tuple[Path, ...] = ()
    header: str = ""
    value: Any = None
    words: Mapping[str, Any] | None = None
    unless: tuple[Any, ...] = ()
    join: tuple[Taken, ...] = ()
    by: str = "-"
    each: Path | None = None
    fields: Mapping[str, Taken] = field(default_factory=dict)
    member: Taken | None = None


@dataclass(frozen=True, slots=True)
class Means:
    """One event of ours that something sent stands for. What is None is taken as the source says.

    `fields` is the path of an object whose members are taken under the names that the vocabulary declares; `when`
    says what must stand at a path for this to hold.
    """

    event: str
    id: Taken | None = None
    at: Taken | None = None
    channel: Taken | None = None
    profile: Mapping[str, Taken] | None = None
    properties: Mapping[str, Taken] = field(default_factory=dict)
    fields: Path | None = None
    when: tuple[tuple[Path, tuple[Any, ...]], ...] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Signature:
    """How a sender proves that it wrote a body: HMAC-SHA256 of it, in a header, with the secret of that name."""

    header: str
    secret: str
    encoding: str = "base64"
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class EventSource:
    """One program that sends events. `form` is webhook, segment or cloudevents: by which door it comes.

    `events` maps its names to ours (an empty tuple: known, and of no use). `others` says what becomes of names that
    are not there: by_name, aside or skip. Instants without a zone are those of `zone`.
    """

    name: str
    form: str
    event: Taken
    id: Taken
    at: Taken
    channel: Taken
    profile: Mapping[str, Taken]
    events: Mapping[str, tuple[Means, ...]]
    fields: Path | None = None
    others: str = "aside"
    zone: str = ""
    signature: Signature | None = None
    place: Place = NOWHERE
