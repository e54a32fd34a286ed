"""The grocer's four places ask over HTTP, and are told what the example's page tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import examples.grocer
from engine.api.app import create_app
from engine.api.auth import Keys
from engine.decide.thompson import Thompson
from engine.define.events import read_event
from engine.define.folder import compile_folder
from engine.model.ids import profile_id, shard_of
from engine.model.record import Record
from engine.runtime.bells import Noted
from engine.runtime.blob import read_profile, read_records
from engine.runtime.clock import Clock
from engine.runtime.engine import Engine
from engine.runtime.plans import FixedPlan, Running
from engine.runtime.senders import FixedSenders
from engine.runtime.store import Store
from examples.grocer.events import Line
from examples.grocer.one_answer import HOUSEHOLD, Told, conversation
from tests.contract.caller import Caller
from tests.contract.shop import Recording

HOME = Path(examples.grocer.__file__).parent
KEY = "k" * 20
WHO = profile_id("household", str(HOUSEHOLD))
SHARD = shard_of(WHO)


class Answered:
    """The shop behind HTTP, in virtual time. As on the page, chance has no part in what it says."""

    def __init__(self, store: Store, start: int) -> None:
        built = compile_folder(HOME).sound()
        self.plan, self.store, self.seen = built.plan, store, 0
        store.lessons._newest = Thompson(draws=False)
        plans = FixedPlan(Running(built.plan, built.renderer.render))
        engine = Engine(store, plans, FixedSenders(**{"*": Recording()}), Noted())
        app = create_app(engine, Keys([KEY]))
        self.asker, self.call = app.state.asker, Caller(app, x_api_key=KEY)
        self.engine, self.clock, self.now = engine, Clock(store), start
        self.clock.hold(start)

    def happens(self, line: Line) -> Sequence[Record]:
        event = read_event(self.plan.vocabulary, line, None)
        self._pass(event.received - 1)
        self.clock.hold(event.received)
        self.engine.accept([event])
        self._work()
        return self._news()

    def until(self, at: int) -> Sequence[Record]:
        self._pass(at)
        return self._news()

    def _pass(self, until: int) -> None:
        """What is due, each at its own instant: of one household, so that nobody looks at the other shards."""
        while (due := self._due()) is not None and due <= until:
            self.clock.hold(max(due, self.now))
            self._work()
        self.now = until
        self.clock.hold(until)

    def _due(self) -> int | None:
        blob = self.store.shards.profiles([WHO]).get(WHO)
        return read_profile(blob).next_due() if blob is not None else None

    def _work(self) -> None:
        self.engine.advance(SHARD)
        bells = self.engine.bells
        assert isinstance(bells, Noted)
        while bells.rows:
            self.engine.deliver(*bells.rows.pop())
        self.engine.advance(SHARD)

    def asks(self, place: str, context: Mapping[str, Any]) -> Told:
        self.asker.latest.look()
        question = {"profile": {"household": str(HOUSEHOLD)}, "placement": place, "context": dict(context)}
        found = self.call("POST", "/v1/decisions", json={**question, "explain": True, "budget_ms": 10_000}).json()
        found = found["decisions"][0]
        out = {
            each["action"]: f"{each.get('rule') or each['stage']}: {each['observed']} ({each['place']})"
            for each in found["removed"]
        }
        return Told([each["action"] for each in found["actions"]], out)

    def _news(self) -> Sequence[Record]:
        found = [
            record
            for _, fields in self.store.shards.read_log(SHARD, count=10_000)
            if "r" in fields
            for record in read_records(fields["r"])
        ]
        self.seen, news = len(found), found[self.seen :]
        return news


def test_four_places_get_one_answer_over_http(redis_url: str) -> None:
    # its baskets since July are enough: no condition looks back further
    page = (HOME / "README.md").read_text("utf-8").partition("<!-- transcript -->\n```text\n")[2].partition("```")[0]
    store = Store.open(redis_url)
    shop = Answered(store, 1_483_246_800_000)  # 2017-01-01, by the shop's clock
    try:
        assert list(conversation(shop, since="2017-07-01")) == page.splitlines()
    finally:
        shop.asker.close()
        store.close()
