"""Many messages at once through a provider with a limit: transactional first, none dropped, in the time it takes."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import pytest

from engine.define.workspace import compile_sources
from engine.model.message import Outgoing, SendOutcome
from engine.runtime import keys
from engine.runtime.backlog import tell_backlog
from engine.runtime.engine import Engine
from engine.runtime.pump import drain
from engine.runtime.store import Store
from tests.contract.shop import Recording, agreed, joined, shop, sources

# on one server: what this is about is the same on a cluster, whose functions have tests of their own
pytestmark = pytest.mark.parametrize("store", ["server"], indirect=True)

RATE, CUSTOMERS, WORKERS = 300, 150, 3
SIGN_UP = """
journey: welcome
purpose: marketing
start: {event: account_created}
steps: [{send: offer, via: email}]
"""
VERIFY = """
journey: verify
purpose: service
start: {event: account_created}
steps: [{send: welcome, via: email}]
"""
POLICIES = f"policies: {{purposes: {{service: {{transactional: true}}, marketing: {{}}}}, rates: {{email: {RATE}/s}}}}"


@dataclass
class Timed(Recording):
    """Remembers when each message came."""

    at: list[float] = field(default_factory=list)

    def send(self, outgoing: Outgoing) -> SendOutcome:
        self.at.append(time.monotonic())
        return super().send(outgoing)


def work(engine: Engine, until: float, enough: int, provider: Recording) -> None:
    while time.monotonic() < until and len(provider.sent) < enough:
        if not engine.deliver("email"):
            time.sleep(0.01)


def test_sign_ups_in_one_second_leave_at_the_providers_pace_verification_first(store: Store) -> None:
    provider = Timed()
    engine = shop(store, provider, compile_sources(sources(welcome=SIGN_UP, verify=VERIFY, policies=POLICIES)).sound())
    # given that many sign up at once, each of whom gets a verification and a welcome
    for number in range(CUSTOMERS):
        name = f"c{number}"
        engine.accept([agreed(f"a{number}", customer=name), joined(f"e{number}", name)])
    for shard in keys.EVERY_SHARD:
        engine.advance(shard)
    tell_backlog(store, store.shards.look(["email"]), store.clock().engine)  # as the ticker does
    # when several workers deliver
    start = time.monotonic()
    workers = [
        threading.Thread(target=work, args=(engine, start + 20, 2 * CUSTOMERS, provider)) for _ in range(WORKERS)
    ]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    took = time.monotonic() - start
    drain(engine)
    # then everybody got both, once
    assert len({each.message_id for each in provider.sent}) == len(provider.sent) == 2 * CUSTOMERS
    # and the verifications came first
    order = [each.message for each in sorted(provider.sent, key=lambda each: provider.at[provider.sent.index(each)])]
    late = sum(each == "offer" for each in order[: int(CUSTOMERS * 0.9)])
    assert late <= CUSTOMERS * 0.05
    # and no second saw more than the rate and its burst
    times = sorted(provider.at)
    for place, first in enumerate(times):
        within = sum(1 for each in times[place:] if each < first + 1)
        assert within <= RATE * 1.25 + WORKERS * 20  # a batch was granted before it is sent
    assert took >= (2 * CUSTOMERS - RATE / 4) / RATE - 0.1
