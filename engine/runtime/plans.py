"""The plan that decides: published once, loaded by every process that meets its fingerprint."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import msgspec

from engine.journey.leave import Render
from engine.model.errors import SetupError
from engine.model.plan import Plan
from engine.model.profile import Profile

if TYPE_CHECKING:
    from engine.runtime.store import Store


@dataclass(frozen=True, slots=True)
class Running:
    """A plan and what renders its messages."""

    plan: Plan
    render: Render


class PlanSource(Protocol):
    """Where plans come from."""

    def at(self, fingerprint: str) -> Running:
        """The plan of this fingerprint, as `Store.pulse` tells it. Raises SetupError when there is none."""
        ...

    def provide(self, running: Running, profile: Profile) -> None:
        """See to it that `running.plan` knows the journey versions that this profile is inside."""
        ...


@dataclass(frozen=True, slots=True)
class FixedPlan:
    """One plan, whatever is published."""

    running: Running

    def at(self, fingerprint: str) -> Running:
        return self.running

    def provide(self, running: Running, profile: Profile) -> None:
        return None


class PublishedPlans:
    """Plans as they were published to a store, compiled once per process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Running] = {}
        self._missing: set[tuple[str, str]] = set()

    def at(self, fingerprint: str) -> Running:
        if not fingerprint:
            raise SetupError("No plan has been published to this store yet: `parcours up` in a workspace does it.")
        running = self._known.get(fingerprint)
        if running is None:
            running = self._known[fingerprint] = self._load(fingerprint)
        return running

    def provide(self, running: Running, profile: Profile) -> None:
        for run in profile.enrolments.values():
            named = (run.journey, run.version)
            if named in running.plan.versions or named in self._missing:
                continue
            older = self._store.plan_of_journey(*named)
            journey = self.at(older).plan.journeys.get(run.journey) if older else None
            if journey is None or journey.version != run.version:
                self._missing.add(named)  # the core then ends it as `lost_step`, or goes on in the newest
            else:
                running.plan.versions[named] = journey

    def _load(self, fingerprint: str) -> Running:
        from engine.define.workspace import compile_sources  # heavy, and a fixed plan needs none of it

        sources = sources_of(self._store, fingerprint)
        if sources is None:
            raise SetupError(f"The store has lost the plan {fingerprint}. `parcours up` publishes it again.")
        compiled = compile_sources(sources).sound()
        return Running(compiled.plan, compiled.renderer.render)


def sources_of(store: Store, fingerprint: str) -> dict[str, str] | None:
    """What a plan was compiled from (path -> text), as it was published; None when the store does not know it."""
    packed = store.plan_sources(fingerprint) if fingerprint else None
    return msgspec.msgpack.decode(zlib.decompress(packed), type=dict[str, str]) if packed is not None else None


def publish(store: Store, sources: Mapping[str, str]) -> Plan:
    """Compile a workspace (path -> text) and make it the current plan. Raises DefinitionError when it has problems.

    With another plan before, every customer is looked at again: segments and schedules may be new; and where the
    history of an event begins is recorded with the plan.
    """
    from engine.define.history import with_history
    from engine.define.workspace import compile_sources

    pulse = store.pulse()
    before = pulse.plan
    sources = with_history(sources, sources_of(store, before), pulse.time.now())
    plan = compile_sources(sources).sound().plan
    packed = zlib.compress(msgspec.msgpack.encode(sources))
    store.put_plan(plan.fingerprint, packed, {name: each.version for name, each in plan.journeys.items()})
    if before and before != plan.fingerprint:
        store.wake_everyone()
    return plan
