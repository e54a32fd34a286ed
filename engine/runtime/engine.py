"""The engine of one process: its store, its plans, its senders and its bells, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from engine.model.errors import SetupError
from engine.model.event import Event
from engine.model.receipt import Receipt, Took, Word
from engine.runtime import item_news, keys
from engine.runtime.advance import advance
from engine.runtime.bells import Bells
from engine.runtime.breakers import FORGET_MS
from engine.runtime.broadcast import waves
from engine.runtime.commit import KEEP_MESSAGE
from engine.runtime.deliver import deliver
from engine.runtime.ingest import Accepted, Duplicate, accept
from engine.runtime.outside import Installation
from engine.runtime.plans import PlanSource, PublishedPlans, Running
from engine.runtime.receipts import take_receipts
from engine.runtime.recovery import recover
from engine.runtime.refused import LASTS as REFUSED_LASTS
from engine.runtime.refused import forget as forget_refused
from engine.runtime.releases import tidy
from engine.runtime.rounds import advance_round, deliver_round
from engine.runtime.senders import Senders, SetUpSenders
from engine.runtime.spans import span
from engine.runtime.stops import mark
from engine.runtime.store import Store
from engine.runtime.vouchers import settle_all
from engine.runtime.words import answer, take_words
from engine.settings import Settings

SEEN_DAYS = 8
LOG_MOST = 4_000  # entries per shard, about a million in all; with an archive only what is in it goes


@dataclass(frozen=True, slots=True)
class Engine:
    """All methods may be called from several threads and processes at once."""

    store: Store
    plans: PlanSource
    senders: Senders
    bells: Bells

    @classmethod
    def of(cls, settings: Settings, url: str, bells: Bells) -> Engine:
        """The engine of an installation whose state is at `url`. Raises SetupError or StoreMismatch."""
        store = Store.open(url)
        store.timeline, store.archived = settings.timeline, settings.archive_url is not None
        return cls(store, PublishedPlans(store, Installation.of(settings, store)), SetUpSenders(settings, store), bells)

    def running(self) -> Running:
        """The current plan. Raises SetupError when none was deployed."""
        return self.plans.at(self.store.pulse().plan)

    def accept(self, events: Sequence[Event]) -> list[Accepted | Duplicate]:
        """Take events in. Raises BadEvent."""
        with span("ingest", events=len(events)):
            return accept(self.store, self.running().plan, events, self.bells)

    def receipts(self, receipts: Sequence[Receipt]) -> list[Took]:
        """Take in what is reported of messages; what became of each report."""
        return take_receipts(self.store, self.running().plan, receipts, self.bells)

    def words(self, words: Sequence[Word]) -> str:
        """Take in what customers have written back; what is to be answered, '' for nothing."""
        plan = self.running().plan
        take_words(self.store, plan, words, self.bells)
        return answer(plan, words)

    def advance(self, shard: int) -> int:
        """A batch of work on one shard; how many entries were consumed."""
        return advance(self.store, self.plans, self.bells, [shard], forget=self.senders.forget)

    def advance_round(self) -> int:
        """A slice of work on the shards that are to be looked at; how many entries were consumed."""
        return advance_round(self.store, self.plans, self.bells, forget=self.senders.forget)

    def deliver_round(self, channel: str) -> int:
        """A slice of work on the shards with due messages of a channel; how many were dealt with."""
        return deliver_round(self.store, self.plans, self.senders, self.bells, channel)

    def deliver(self, channel: str, shard: int | None = None) -> int:
        """A slice of work on one channel; how many messages were dealt with."""
        return deliver(self.store, self.plans, self.senders, self.bells, channel, shard)

    def recover(self, shard: int) -> int:
        """Deal with messages whose worker is gone; how many."""
        return recover(self.store, self.plans, self.senders, self.bells, shard)

    def waves(self, broadcast: str) -> int:
        """A slice of work on one broadcast; how many customers were asked for."""
        pulse = self.store.pulse()
        return waves(self.store, self.plans.at(pulse.plan).plan, pulse.flags, self.bells, broadcast)

    def item_news(self) -> int:
        """A slice of work on changes of the catalogue; how many customers were told of one."""
        with suppress(SetupError):  # nothing is deployed yet
            return item_news.work(self.store, self.running().plan, self.bells)
        return 0

    def learn(self) -> int:
        """Make a snapshot of what was learned of actions; its number."""
        with suppress(SetupError):  # nothing is deployed yet
            return self.store.lessons.learn(self.running().plan).number
        return 0

    def sweep(self) -> int:
        """Recover everywhere, and forget what is old or needed by nobody; how many messages were recovered."""
        now = self.store.clock().server
        before = now - SEEN_DAYS * 86_400_000
        log_most = None if self.store.archived else LOG_MOST
        for shard in keys.EVERY_SHARD:
            self.store.shards.bury_old(shard, before, now - KEEP_MESSAGE, log_most, LOG_MOST)
        self.store.guard.forget(now - FORGET_MS)
        tidy(self.store)
        forget_refused(self.store, now - REFUSED_LASTS)
        mark(self.store)
        self.store.stock.forget(now)
        with suppress(SetupError):  # nothing is deployed yet
            settle_all(self.store, self.running().plan)
        if self.store.owes_wake():
            self.store.wake_everyone()
        return sum(self.recover(shard) for shard in keys.EVERY_SHARD)

    def close(self) -> None:
        """Let go of all connections."""
        self.senders.close()
        self.store.close()
