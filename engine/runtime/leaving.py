"""One message at a time on its way out: gate, begin, provider, end.

What the gate decides is committed before the provider is called, and what the provider says after it; the
end of one message and the begin of the next share a round trip. Whoever finds the profile changed
meanwhile reads it again and asks again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from engine.journey.aside import take_up
from engine.journey.blocks import refusing
from engine.journey.intent import Concerns, concerns
from engine.journey.settle import settle
from engine.model.errors import Fenced
from engine.model.flags import EVERYTHING
from engine.model.ids import attempt_id
from engine.model.message import CALL, Outgoing
from engine.model.profile import Profile
from engine.runtime import points
from engine.runtime.ahead import AHEAD, Ahead, Asked, ask
from engine.runtime.attempt import End, begun, commit_of, elsewhere, ended, failed_before, has_others
from engine.runtime.blob import read_profile
from engine.runtime.book import BatchBook
from engine.runtime.commit import SENDING_LEASE, Claim, Commit
from engine.runtime.faults import NOT_ITS_FAULT, SENDING, noted
from engine.runtime.heard import remember
from engine.runtime.insist import insist
from engine.runtime.overheard import Overheard
from engine.runtime.pace import pace_of
from engine.runtime.plans import PlanSource, Running
from engine.runtime.prompts import withdraw
from engine.runtime.providers import Health, Provider, hand_over, not_called, of_address, with_health
from engine.runtime.senders import Senders
from engine.runtime.store import Pulse, Store

PULSE_SECONDS = 0.5  # a kill or a pause is seen by a running batch after this
MOST_TRIES = 50
HEARD_MS = 1_000  # until a shard knows that what was stopped goes on


class Leaving:
    """Lets claimed messages leave by one channel. `sent` counts those handed over; call `finish` at the end.
    `rows` collects the (channel, shard) of rows that were added and are due, `shards` where parcels were written.
    """

    def __init__(self, store: Store, plans: PlanSource, senders: Senders, channel: str) -> None:
        self.store, self.plans = store, plans
        self._senders, self._channel = senders, channel
        self._first: Provider | None = None  # who gets the message that begins to leave
        self._ahead = Ahead()
        self._end: End | None = None
        self._book = BatchBook(store.addresses)
        self._pulse: Pulse | None = None
        self._claimed = self._began = time.monotonic()
        self.sent = 0
        self.rows: set[tuple[str, int]] = set()
        self.shards: set[int] = set()

    def pulse(self) -> Pulse:
        """The time and the flags, at most PULSE_SECONDS old (engine time runs on in between)."""
        if self._pulse is None or time.monotonic() - self._pulse.time.taken > PULSE_SECONDS:
            pulse = self.store.pulse()
            self._pulse = with_health(pulse, self.plans, self._senders, self.store.guard) if pulse.breakers else pulse
        return self._pulse

    def providers(self) -> Sequence[Provider]:
        """The providers of the channel. Raises SetupError when it has none."""
        return self._senders.of(self._channel, self.running().plan)

    def running(self) -> Running:
        """The plan of the latest pulse."""
        return self.plans.at(self.pulse().plan)

    def batch(self, claims: Iterable[Claim]) -> None:
        """Deal with every claim. Raises what the store raises; the leases then say what is unfinished."""
        todo, self._claimed = list(claims), time.monotonic()
        found, self._ahead = self._read(todo), Ahead()
        touched: set[str] = set()
        try:
            for place, claim in enumerate(todo):
                if place % AHEAD == 0:
                    self._ask_ahead(todo[place : place + AHEAD], found, touched)
                if claim.profile in touched:  # an earlier message of this batch has changed it
                    self.finish()
                    found.update(self._read([claim]))
                touched.add(claim.profile)
                try:
                    self.one(claim, found.get(claim.profile))
                except NOT_ITS_FAULT:
                    raise
                except Exception as fault:
                    noted(self.store, self.running(), claim, fault, self.pulse().time.now())
            self.finish()
        finally:
            self._book.close()

    def _read(self, claims: Sequence[Claim]) -> dict[str, Profile | Exception]:
        """The profiles of these claims, and what is known of their addresses."""
        blobs = self.store.shards.profiles(claim.profile for claim in claims)
        found: dict[str, Profile | Exception] = {}
        asked: list[tuple[str, str, Concerns]] = []
        for claim in claims:
            try:
                if (profile := self.open(blobs.get(claim.profile))) is not None:
                    found[claim.profile] = profile
                    asked.append((profile.id, claim.message, concerns(self.running().plan, profile, claim.message)))
            except NOT_ITS_FAULT:
                raise
            except Exception as fault:  # this message's alone: whoever takes it up says so
                found[claim.profile] = fault
        self._book.read(asked, self.pulse().time.now())
        return found

    def one(self, claim: Claim, profile: Profile | Exception | None) -> None:
        """Ask the gate, and hand the message over when it may leave."""
        block, outgoing, heard, self._first = "", None, False, None
        asked = self._ahead.take(claim)
        if asked is not None and not asked.holds(self.pulse()):
            asked, profile = None, self._read([claim]).get(claim.profile)  # asking has changed what was read
        for _ in range(MOST_TRIES):
            if asked is None:
                if isinstance(profile, Exception):
                    raise profile
                message = profile.messages.get(claim.message) if profile is not None else None
                if profile is None or message is None or message.status == "held":
                    self.store.shards.drop([claim])  # it has ended, or waits for its own time
                    return
                if message.status == "sending":
                    # Our own begin, whose answer was lost; or somebody else's, and his lease is in the same row.
                    now = attempt_id(message.id, message.channel, message.attempt)
                    if outgoing is not None and outgoing.attempt_id == now and self._ours():
                        self._book.used(claim.message)
                        self.hand_over(profile, outgoing, claim, self._first)
                    return
                if message.status == "set_aside":
                    take_up(profile, claim.message)
                if message.queue != claim.channel:
                    self.store.shards.commit([elsewhere(claim, message.queue, self.pulse().time.now())])
                    return
                asked = self._ask(profile, claim, block)
            walk, outgoing = asked.walk, asked.walk.outgoing
            commit = self._begin(asked, claim)
            points.at("leaving.asked")
            answer = self._write(commit)
            if answer == "ok":
                self.note(commit)
                if walk.outgoing is not None:
                    self._book.used(claim.message)
                    self.hand_over(walk.profile, walk.outgoing, claim, self._first)
                return
            if answer == "stopped":
                if heard:  # not stopped any more, as far as the flags go: the shard will know in a moment
                    self.store.shards.commit([elsewhere(claim, claim.channel, self.pulse().time.now() + HEARD_MS)])
                    return
                heard, self._pulse = True, None
            block, asked = answer.partition(" ")[2], None
            profile = self._read([claim]).get(claim.profile)
        raise Fenced(claim.profile)

    def open(self, blob: bytes | None) -> Profile | None:
        """The profile, with the journeys it is inside known to the plan."""
        profile = read_profile(blob) if blob is not None else None
        if profile is not None:
            self.plans.provide(self.running(), profile)
        return profile

    def hand_over(
        self, profile: Profile, outgoing: Outgoing, claim: Claim, first: Provider | None, *, repeated: bool = False
    ) -> None:
        """Call a provider for a message whose begin is committed; its end is written with what comes next.

        `repeated`: it may have arrived before, at a provider that does not notice.
        """
        points.at("leaving.begun")
        if time.monotonic() - self._began > SENDING_LEASE / 2000:
            points.at("leaving.late")
            return  # this process stood still: its row may be another's by now, and is found when its lease is over
        self.sent += 1
        health = self._health(failed_before(profile, claim))
        providers = of_address(self.providers(), outgoing.address)
        if first is None:
            after = self.running().plan.policies.fall_back_after
            outcome = not_called(providers, health, has_others(profile, claim), after)
        else:
            outcome = hand_over(
                outgoing, first, providers, health, lambda next: self.store.shards.pass_on(claim, next.name)
            )
        if outcome.names and outcome.provider_id:
            remember(self.store, outcome.names, outcome.provider_id, outgoing.attempt_id)
        points.at("leaving.answered")
        self._end = End(claim, outcome, profile, repeated)

    def _health(self, failed: bool) -> Health:
        return Health(self.store.guard, self.pulse().breakers, self.pulse().time.server_now(), failed)

    def finish(self) -> None:
        """Write the end that is still open."""
        if self._end is not None:
            end, self._end = self._end, None
            self._settle(end, insist(lambda: self.store.shards.commit([self._settled(end)])[0]))

    def _ours(self) -> bool:
        """Whether nobody else can have taken up what this batch has claimed."""
        return time.monotonic() - self._claimed < SENDING_LEASE / 2000

    def _ask(self, profile: Profile, claim: Claim, block: str = "") -> Asked:
        return ask(self.store, self.running(), profile, claim, block, self.pulse(), self._book.of(claim.message))

    def _ask_ahead(self, claims: Sequence[Claim], found: dict[str, Profile | Exception], touched: set[str]) -> None:
        """Ask about the next few messages, while the provider answers at once: none of them waits for long then."""
        if len(claims) < 2 or not pace_of(self._channel).quick():
            return
        if self.pulse().time.age() > PULSE_SECONDS / 2:
            self._pulse = None  # it is good for all of them
        self._ahead.ask(claims, found, touched, self._ask)

    def _begin(self, asked: Asked, claim: Claim) -> Commit:
        walk, commit, heard, outgoing = asked.walk, asked.commit, asked.heard, asked.walk.outgoing
        if outgoing is None:
            commit.drop = [claim]
            return commit
        commit.begin = claim
        commit.refuse = refusing(outgoing.channel, walk.plan.policies.purpose(outgoing.purpose))
        commit.stops = (outgoing.journey, EVERYTHING)
        if self._first is None:  # once for a message: the probe of a breaker is not given twice
            providers = of_address(self.providers(), outgoing.address)
            self._first = self._health(failed_before(walk.profile, claim)).pick(
                providers, asked.kept.get("provider", b"").decode()
            )
        heard.provider = self._first.name if self._first is not None else ""
        commit.message = begun(outgoing, heard.provider)
        return commit

    def _settled(self, end: End) -> Commit:
        pulse, plan = self.pulse(), self.running().plan
        now = pulse.time.now()
        message = end.profile.messages.get(end.claim.message)
        if message is not None and message.status == "planned":
            # The store has forgotten the begin (a replica was promoted that did not have it yet), or knows the end
            # already. In the first case the row is all that is left of it: it is found when its lease is over.
            end.commit = None
            return Commit(profile=end.claim.profile, at=now)
        try:
            walk = settle(plan, end.profile, end.claim.message, end.outcome, now, pulse.flags, repeated=end.repeated)
        except Exception as fault:  # the message that comes next has no part in it
            noted(self.store, self.running(), end.claim, fault, now, to=SENDING)
            return Commit(profile=end.claim.profile, at=now)
        heard = Overheard(repeated=end.repeated)
        commit = commit_of(walk, end.claim, ("settle", end.claim.message, heard, end.outcome))
        commit.drop, commit.message = [end.claim], ended(end.outcome)
        commit.doubt = end.claim.channel != CALL and (end.repeated or end.outcome.kind == "unknown")
        end.commit = commit
        return commit

    def _write(self, commit: Commit) -> str:
        """Write a begin, and before it the end that is still open."""
        end, self._end = self._end, None
        commits = [commit] if end is None else [self._settled(end), commit]
        self._began = time.monotonic()
        answers = insist(lambda: self.store.shards.commit(commits))
        if end is not None:
            self._settle(end, answers[0])
        return answers[-1]

    def _settle(self, end: End, answer: str) -> None:
        """See an end through: the profile may have changed while the provider was busy."""
        for _ in range(MOST_TRIES):
            if answer == "ok":
                points.at("leaving.ended")
                if end.commit is not None:
                    self.note(end.commit)
                return
            answer = insist(lambda: self._settle_again(end))
        raise Fenced(end.claim.profile)

    def _settle_again(self, end: End) -> str:
        profile = self.open(self.store.shards.profiles([end.claim.profile]).get(end.claim.profile))
        if profile is None:
            self.store.shards.drop([end.claim])
            end.commit = None
            return "ok"
        end.profile = profile
        return self.store.shards.commit([self._settled(end)])[0]

    def note(self, commit: Commit) -> None:
        """Remember which outboxes a written commit has filled, and take back the prompts that it withdraws."""
        withdraw(self.store, [commit])
        self.rows |= {(row.channel, commit.shard) for row in commit.rows if row.due <= commit.at}
        if commit.relay:
            self.shards.add(commit.shard)
