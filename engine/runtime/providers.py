"""The providers of one channel, in order of preference: the first that is well gets a message.

Only a definite failure goes on to the next one, with the same attempt id: the customer gets one message.
What may have arrived (`unknown`) is nobody's to repeat here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.model.errors import SetupError
from engine.model.message import CALL, Outgoing, Sender, SendOutcome
from engine.runtime import points
from engine.runtime.breakers import Breakers, Guard
from engine.runtime.follow import log_attempt
from engine.runtime.meters import meters
from engine.runtime.pace import pace_of
from engine.runtime.spans import span

if TYPE_CHECKING:
    from engine.model.plan import Plan
    from engine.runtime.plans import PlanSource
    from engine.runtime.senders import Senders
    from engine.runtime.store import Pulse


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider's name, which holds no secret, and its client. `guarded`: it has a circuit breaker; `takes`: of
    which addresses it is the provider, None for all of the channel."""

    name: str
    sender: Sender
    guarded: bool = True
    takes: Callable[[str], bool] | None = None


def services(plan: Plan) -> Mapping[str, str]:
    """The services that journeys may call: the name of its provider by URL. Each has a breaker of its own, called by
    the plan's word for it, since a URL may hold a secret; of two words for one URL the first counts."""
    return {url: f"{CALL}:{word}" for word, url in sorted(plan.policies.calls.items(), reverse=True)}


def of_services(sender: Sender, plan: Plan) -> Iterator[Provider]:
    """One client as the provider of each service; and of those that only older plans know, without a breaker."""
    known = services(plan)
    for url, name in sorted(known.items(), key=lambda each: each[1]):
        yield Provider(name, sender, takes=url.__eq__)
    yield Provider(CALL, sender, guarded=False, takes=lambda address: address not in known)


def of_address(providers: Sequence[Provider], address: str) -> Sequence[Provider]:
    """Those that a message to this address may go to."""
    if all(each.takes is None for each in providers):
        return providers
    return [each for each in providers if each.takes is None or each.takes(address)]


def not_called(providers: Sequence[Provider], health: Health, other_channel: bool, after: int) -> SendOutcome:
    """Why none of these was called. Where they have been failing for `after` ms, or there is none, another channel
    may do."""
    if not providers:
        return SendOutcome("refused", "no provider of this channel takes such an address")
    if other_channel and health.down(providers, after):
        return SendOutcome("refused", "its provider is down")
    return SendOutcome("retry", "no provider is well", untried=True)


@dataclass(frozen=True, slots=True)
class Health:
    """How providers did at server time `now`, for a message of which an earlier attempt has `failed`, or none has."""

    guard: Guard
    known: Breakers
    now: int
    failed: bool = False

    def shut(self, providers: Sequence[Provider]) -> bool:
        """Whether none of them may be called now."""
        states = [self.known.get(each.name) if each.guarded else None for each in providers]
        return all(state is not None and state.shut(self.now) for state in states)

    def down(self, providers: Sequence[Provider], after: int) -> bool:
        """Whether all of them have been failing for `after` ms: other channels should be used."""
        states = [self.known.get(each.name) if each.guarded else None for each in providers]
        return all(state is not None and state.down(self.now, after) for state in states)

    def may_call(self, provider: Provider) -> bool:
        """Whether to call this one; takes the probe of a breaker where one is due."""
        return not provider.guarded or self.guard.may_call(provider.name, self.known, self.now, self.failed)

    def pick(self, providers: Sequence[Provider], preferred: str = "") -> Provider | None:
        """The first one that may be called, `preferred` before all others."""
        order = sorted(providers, key=lambda each: each.name != preferred)
        return next((each for each in order if self.may_call(each)), None)


def hand_over(
    outgoing: Outgoing,
    first: Provider,
    providers: Sequence[Provider],
    health: Health,
    passed_on: Callable[[Provider], bool],
) -> SendOutcome:
    """Give a message to `first`, and on a definite failure to the others that may be called.

    `passed_on` writes down to whom it goes next; False when somebody else has taken the message over.
    """
    outcome = _call(outgoing, first, health, len(providers))
    for provider in providers:
        if outcome.kind != "retry":
            break
        if provider.name == first.name or not health.may_call(provider):
            continue
        points.at("providers.failed")
        if not passed_on(provider):
            break
        points.at("providers.passed")
        outcome = _call(outgoing, provider, health, len(providers))
    return outcome


def _call(outgoing: Outgoing, provider: Provider, health: Health, count: int) -> SendOutcome:
    begun = time.perf_counter()
    with span("provider", channel=outgoing.channel, provider=provider.name, attempt_id=outgoing.attempt_id) as made:
        try:
            with pace_of(outgoing.channel).call():
                outcome = provider.sender.send(outgoing)
        except Exception as fault:  # no sender may raise; when one does, nobody knows what it did before
            outcome = SendOutcome("unknown", f"{type(fault).__name__}: {fault}")
        if made is not None:
            made.set_attribute("outcome", outcome.kind)
    took = time.perf_counter() - begun
    meters().sent(outgoing.channel, provider.name, outcome.kind, took)
    log_attempt(outgoing, provider.name, outcome.kind, took)
    if provider.guarded:
        health.guard.heard(provider.name, outcome, health.known)
    if count > 1:
        said = f"{provider.name}: {outcome.reason}" if outcome.reason else provider.name
        outcome = replace(outcome, reason=said)
    return outcome


def with_health(pulse: Pulse, plans: PlanSource, senders: Senders, guard: Guard) -> Pulse:
    """A pulse whose flags say which channels cannot be used now, and which services."""
    plan = plans.at(pulse.plan).plan
    health = Health(guard, pulse.breakers, pulse.time.server_now())
    resting, down = set[str](), set[str]()
    for channel in plan.channels:
        try:
            providers = senders.of(channel, plan)
        except SetupError:  # the channel's own slice will say so
            continue
        if health.shut(providers):
            (down if health.down(providers, plan.policies.fall_back_after) else resting).add(channel)
    for url, name in services(plan).items():
        state = health.known.get(name)
        if state is not None and state.shut(health.now):
            resting.add(url)
    return replace(pulse, flags=replace(pulse.flags, resting=frozenset(resting), down=frozenset(down)))
