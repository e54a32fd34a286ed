"""One commit: everything that one decision about one profile changes, for the function `commit`.

`parts` turns it into the keys and arguments that functions/commit.lua describes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import Any

from engine.model.address import Said
from engine.model.flags import NO_FLAGS, Flags
from engine.model.ids import shard_of
from engine.model.learned import Tried
from engine.model.profile import Profile
from engine.model.record import Record, Row, Told
from engine.runtime import keys
from engine.runtime.blob import pack
from engine.runtime.erasure import Erasure
from engine.runtime.orders import Parcel, handed_over, ready_to_go
from engine.runtime.overheard import Stopped
from engine.runtime.timeline import lines

KEEP_MESSAGE = 30 * 86_400_000  # ms
SENDING_LEASE = 30_000  # ms of server time; longer than any provider's time-out


@dataclass(frozen=True, slots=True)
class Claim:
    """A row taken out of an outbox: who, which message, by which channel and class."""

    channel: str
    klass: str
    profile: str
    message: str

    @classmethod
    def parse(cls, member: str) -> Claim:
        return cls(*member.split("|"))

    def __str__(self) -> str:
        return f"{self.channel}|{self.klass}|{self.profile}|{self.message}"


@dataclass(slots=True, kw_only=True)
class Commit:
    """What is asked of one shard about one profile. Leave out what does not change.

    expect  the version the profile was read at; with it `blob` and `timer` are written, without it neither
    begin   the row of `sending` that gets a lease of SENDING_LEASE
    drop    rows of `sending` that are dealt with
    refuse  blocks that forbid this commit;  lift  (block, event id) that it makes needless
    about   a message's id;  message  fields of its hash;  copy  its rendered parts, compressed
    dead    fields for the dead letter that `entries` becomes
    nameless  the log is not told whose it is;  late  event ids that came after their customer's erasure
    doubt   the message `about` may have arrived, or arrived twice: it is listed
    inputs  what was decided about, records  what came of it, flags  what was stopped then, for the log
    story   what is told in the customer's timeline; its steps go to the log as well
    stops   what an operator may have stopped meanwhile, which forbids this commit
    counts  (where enrolments stand, how many more stand there now); made by `write`
    tried   what was learned of actions
    flows   what is counted of journeys: counters (see `Flow`) and by how much they are raised
    said    what is to be remembered about addresses, before the commit itself
    relay   parcels for other shards;  carry  which of them (from 1) takes the blocks along
    moved   where the profile lives from now on, '' here again, None as before
    seen    event ids that came with another profile, hold  (block, event id) that came with it
    erase   what else goes with the profile, of which nothing stays
    """

    profile: str
    at: int
    plan: str = ""
    shard: int = -1
    fence: int | None = None
    entries: Sequence[str] = ()
    expect: int | None = None
    blob: bytes = b""
    timer: int | None = None
    rows: Sequence[Row] = ()
    begin: Claim | None = None
    drop: Sequence[Claim] = ()
    refuse: Sequence[str] = ()
    lift: Sequence[tuple[str, str]] = ()
    about: str = ""
    message: Mapping[str, str] = field(default_factory=dict)
    copy: bytes = b""
    dead: Mapping[str, str] = field(default_factory=dict)
    inputs: Sequence[Any] = ()
    records: Sequence[Record] = ()
    flags: Flags = NO_FLAGS
    story: Sequence[Told] = ()
    said: Sequence[Said] = ()
    counts: Sequence[tuple[str, int]] = ()
    tried: Sequence[Tried] = ()
    flows: dict[str, int] = field(default_factory=dict)
    stops: Sequence[str] = ()
    relay: list[Parcel] = field(default_factory=list)
    carry: int | None = None
    moved: str | None = None
    seen: Sequence[str] = ()
    hold: Sequence[tuple[str, str]] = ()
    erase: Erasure | None = None
    doubt: bool = False
    nameless: bool = False
    late: Sequence[str] = ()

    def __post_init__(self) -> None:
        if self.shard < 0:
            self.shard = shard_of(self.profile)

    def write(self, profile: Profile) -> None:
        """Take the new state of the profile, read at the version it still carries."""
        self.expect = profile.version
        if ready_to_go(profile):
            profile = self.hand_over(profile)
        profile.version += 1
        before, profile.stood = profile.stood or {}, None
        self.blob, self.timer = pack(profile), profile.next_due() if not profile.into else None
        now = profile.stood = profile.stands()
        changed = ((name, now.get(name, 0) - before.get(name, 0)) for name in {**before, **now})
        self.counts = [(name, by) for name, by in changed if by]

    def count(self, flows: Mapping[str, int]) -> None:
        """Count these as well."""
        for name, more in flows.items():
            self.flows[name] = self.flows.get(name, 0) + more

    def hand_over(self, profile: Profile) -> Profile:
        """Send everything of a profile to where it was merged into; what stays behind."""
        self.rows = ()  # the new home makes its own
        rest, letter = handed_over(profile)
        self.relay.append(letter)
        self.carry, self.moved = len(self.relay), profile.into
        return rest

    def parts(self, timeline: int = 0) -> tuple[list[str], list[bytes]]:
        """Keys and arguments for the function. `timeline` is how many lines a customer's timeline keeps."""
        shard, profile = self.shard, self.profile
        lease, inbox, timers, sending, log, dead, relay, seen = _shared(shard)
        names = [
            *(lease, inbox, keys.profile(shard, profile), timers, sending, log, keys.block(shard, profile)),
            *(keys.message(shard, self.about), dead, keys.timeline(shard, profile), relay, seen),
            keys.copies(shard, profile),
        ]
        ask: dict[str, Any] = {"profile": self.profile, "at": self.at, "plan": self.plan}
        if self.fence is not None:
            ask["fence"] = str(self.fence)
        if self.expect is not None:
            ask["expect"] = self.expect
            if self.timer is not None:
                ask["timer"] = self.timer
        if self.rows:
            places: dict[str, int] = {}
            ask["rows"] = [self._row(row, names, places) for row in self.rows]
        if self.stops:
            names.append(keys.stops(shard))
            ask["stops"] = [len(names), *self.stops]
        if self.counts:
            names.append(keys.counts(shard))
            ask["counts"] = [len(names), *self.counts]
        if self.tried:
            names.append(keys.tried(shard))
            ask["tried"] = [len(names), *_fields(self.tried)]
        if self.flows:
            names.append(keys.flows(shard))
            ask["flows"] = [len(names), *self.flows.items()]
        if self.expect == 0 or self.moved is not None or self.erase is not None:
            names.append(keys.people(shard))
            ask["people"] = len(names)
        if self.doubt:
            names.append(keys.doubtful(shard))
            ask["doubt"], ask["about"] = len(names), self.about
        story = lines(self.story, self.plan, timeline)
        if story:
            ask["told"] = timeline
        if self.begin is not None:
            ask["claim"] = [str(self.begin), SENDING_LEASE]
        if self.message:
            ask["message"] = list(chain.from_iterable(self.message.items()))
            ask["about"], ask["keep"], ask["copy"] = self.about, KEEP_MESSAGE, bool(self.copy)
        if self.dead:
            ask["dead"] = list(chain.from_iterable(self.dead.items()))
        if self.relay:
            ask["relay"], ask["carry"] = len(self.relay), self.carry or 0
        if self.moved is not None:
            ask["moved"] = self.moved
        if self.erase is not None:
            ask["erase"] = self.erase.parts(shard, self.profile, names)
        if self.erase is not None or self.nameless:
            ask["who"] = ""
        if self.entries:
            ask["entries"] = self.entries
        if self.refuse:
            ask["refuse"] = self.refuse
        if self.lift:
            ask["lift"] = self.lift
        if self.seen:
            ask["seen"] = self.seen
        if self.hold:
            ask["hold"] = self.hold
        if self.drop:
            ask["drop"] = [str(claim) for claim in self.drop]
        inputs = pack(self.inputs) if self.inputs else b""
        records = pack(self.records) if self.records else b""
        steps = [line for line in self.story if line.kind == "step"]
        stopped = Stopped.of(self.flags)
        more = (pack(steps) if steps else b"", pack(stopped) if stopped is not None else b"")
        parcels = [pack(parcel) for parcel in self.relay]
        return names, [pack(ask), self.blob, inputs, records, self.copy, *more, *parcels, *story]

    def _row(self, row: Row, names: list[str], places: dict[str, int]) -> tuple[int, int, str]:
        key = keys.out(self.shard, row.channel, row.klass)
        if key not in places:
            names.append(key)
            places[key] = len(names)
        return places[key], row.due, f"{self.profile}|{row.message}"


@cache
def _shared(shard: int) -> tuple[str, ...]:
    """The keys of a shard that every commit may write."""
    of = (keys.lease, keys.inbox, keys.timers, keys.sending, keys.log, keys.dead, keys.relay, keys.seen)
    return tuple(key(shard) for key in of)


def _fields(tried: Sequence[Tried]) -> list[tuple[str, int]]:
    """The fields of the hash `tried`, and by how much each is raised."""
    found: dict[str, int] = {}
    for each in tried:
        for kind, more in (("s", each.shown), ("a", each.accepted)):
            name = f"{each.day}|{each.cell}|{kind}" + (f"|{each.traits}" if each.traits else "")
            found[name] = found.get(name, 0) + more
    return [(name, more) for name, more in found.items() if more]
