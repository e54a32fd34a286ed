"""The state of one shard as it comes about again: what each commit changes, in memory."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from engine.journey.intent import Concerns, concerns
from engine.model.address import Said
from engine.model.event import ARRIVED, Event
from engine.model.ids import parted
from engine.model.learned import Tried
from engine.model.record import Row
from engine.report.archive.again import decided_again
from engine.report.archive.past import About, Erased, Past
from engine.runtime.blob import read_profile
from engine.runtime.commit import Commit
from engine.runtime.decide import Moment, Work
from engine.runtime.erasure import gravestone
from engine.runtime.orders import Bring, Give, HandOver, Letter, Order
from engine.runtime.timeline import lines

Sent = dict[str, str]  # fields of a message's hash


@dataclass
class Shard:
    """What one shard holds.

    seen       event ids by when they were logged, since `recent` (server ms)
    told       the lines of timelines, `timeline` of each customer
    sent       what is known of messages;  rows  where they wait;  intents  who was told what, and when
    forgotten  what stands for the events of those who were erased;  graves  for them
    flows      what is counted of journeys
    letters    what was written to other shards;  taken  what came in, letters of others too
    named      what providers call attempts by ids of their own: (as whom they report, their id, attempt)
    faults     what could be decided then and cannot now
    """

    number: int
    timeline: int
    recent: int
    blobs: dict[str, bytes] = field(default_factory=dict)
    graves: dict[str, int] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    told: dict[str, deque[bytes]] = field(default_factory=dict)
    sent: dict[str, Sent] = field(default_factory=dict)
    doubtful: dict[str, int] = field(default_factory=dict)
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    said: dict[tuple[str, str, str], Said] = field(default_factory=dict)
    tried: list[Tried] = field(default_factory=list)
    flows: Counter[str] = field(default_factory=Counter)
    intents: list[tuple[str, int, Concerns]] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    named: list[tuple[str, str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    _stones: dict[str, str] = field(default_factory=dict)

    def take(self, moment: Moment, entry: Past) -> None:
        """Decide about an entry once more, and keep what it changes."""
        for each in entry.inputs:
            if isinstance(each, Erased):
                self._erase(each)
            elif isinstance(each, Work):
                self._note(each, entry.logged)
            elif each.outcome is not None and each.outcome.names and each.outcome.provider_id:
                attempt = self.sent.get(each.message, {}).get("attempt", "")  # '' : it left more than 30 days ago
                self.named += [(each.outcome.names, each.outcome.provider_id, attempt)] if attempt else []
        if not entry.profile:
            return
        blob = self.blobs.get(entry.profile)
        leaving = [each for each in entry.inputs if isinstance(each, About) and each.command == "leave"]
        asked = self._concerns(moment, blob, leaving[0].message) if leaving and entry.logged >= self.recent else None
        for commit in decided_again(moment, blob, entry):
            if commit.dead:
                self.faults.append(f"{entry.profile}: {commit.dead['reason']}")
                continue
            self._keep(commit, entry.logged)
            if asked is not None and commit.message:
                self.intents.append((entry.profile, entry.at, asked))

    def _concerns(self, moment: Moment, blob: bytes | None, message: str) -> Concerns | None:
        if blob is None:
            return None
        found = concerns(moment.running.plan, read_profile(blob), message)
        return found if found.intent else None

    def _note(self, work: Work, logged: int) -> None:
        """What was taken in: an event once, and letters of other shards."""
        if work.order is not None:
            self.taken[key_of(work.order)] += 1
        elif work.arrival is not None:
            event = work.arrival.event
            self.taken[key_of(event)] += 1
            if event.name in ARRIVED:  # the report of it ends the doubt about its message
                self.doubtful.pop(parted(str(event.properties.get("message") or ""))[0], None)
            if logged >= self.recent:
                self.seen[event.id] = logged

    def _keep(self, commit: Commit, logged: int) -> None:
        profile = commit.profile
        if commit.expect is not None and commit.erase is None:
            if profile not in self.blobs:
                self._stones[gravestone(profile)] = profile
            self.blobs[profile] = commit.blob
        for each in commit.said:
            if self._newer(each):
                self.said[each.channel, each.address, each.purpose] = each
        self.seen |= {event: logged for event in commit.seen if event not in self.seen}
        self.tried += commit.tried
        self.flows.update(commit.flows)
        self.rows.update({(profile, row.message): row for row in commit.rows})
        self.letters += [parcel for parcel in commit.relay if isinstance(parcel, Letter)]
        if commit.story and self.timeline:
            self.told.setdefault(profile, deque(maxlen=self.timeline)).extend(
                lines(commit.story, commit.plan, self.timeline)
            )
        if commit.message and logged >= self.recent:
            self.sent.setdefault(commit.about, {}).update(commit.message)
            if commit.doubt:
                self.doubtful[commit.about] = logged

    def _newer(self, said: Said) -> bool:
        known = self.said.get((said.channel, said.address, said.purpose))
        return known is None or (said.at, said.by) >= (known.at, known.by)

    def _erase(self, erased: Erased) -> None:
        self.forgotten += erased.events
        if erased.stone:
            self.graves[erased.stone] = erased.at
        profile = self._stones.get(erased.stone)
        if profile is None:
            return
        self.blobs.pop(profile, None)
        self.told.pop(profile, None)
        self.rows = {key: row for key, row in self.rows.items() if key[0] != profile}
        gone = {sent.get("attempt") for sent in self.sent.values() if sent.get("profile") == profile}
        self.named = [each for each in self.named if each[2] not in gone]
        self.sent = {name: sent for name, sent in self.sent.items() if sent.get("profile") != profile}
        self.intents = [each for each in self.intents if each[0] != profile]


def key_of(what: Event | Order) -> str:
    """What a letter is known by at both of its ends."""
    if isinstance(what, Event):
        return f"event {what.id}"
    if isinstance(what, HandOver):
        return f"hand_over {sha256(what.blob).hexdigest()}"
    if isinstance(what, Give):
        return f"give {what.into} {what.id} {what.at}"
    return f"bring {what.arrival.event.id}" if isinstance(what, Bring) else f"erase {what.profile} {what.at}"


def on_their_way(shards: Iterable[Shard]) -> list[Letter]:
    """The letters that were written and not taken in."""
    taken: Counter[str] = Counter()
    written: list[Letter] = []
    for shard in shards:
        taken.update(shard.taken)
        written += shard.letters
    for letter in written:  # an event that was forwarded was first taken in by whoever forwarded it
        if letter.arrival is not None and not taken[f"bring {letter.arrival.event.id}"]:
            taken[key_of(letter.arrival.event)] -= 1
    found = []
    for letter in written:
        what = letter.order or (letter.arrival.event if letter.arrival is not None else None)
        assert what is not None
        key = key_of(what)
        if taken[key] > 0:
            taken[key] -= 1
        else:
            found.append(letter)
    return found
