"""The plan that decides: published once, loaded by every process that meets its fingerprint."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

import msgspec

from engine.define.history import HISTORY
from engine.journey.wording import Render
from engine.model.errors import Conflict, SetupError
from engine.model.plan import Plan
from engine.model.profile import Profile
from engine.model.words import Words
from engine.runtime import points
from engine.runtime.audit import note
from engine.runtime.releases import Release, put_release
from engine.runtime.stock import Follower
from engine.runtime.vouchers import load_pools

if TYPE_CHECKING:
    from engine.render.outside import Outside
    from engine.render.renderer import Renderer
    from engine.runtime.store import Store


@dataclass(frozen=True, slots=True)
class Running:
    """A plan, what renders its messages, and (where there is one) the renderer that also makes our pages."""

    plan: Plan
    render: Render
    renderer: Renderer | None = None


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
    """Plans as they were published to a store, compiled once per process; `outside` is what their messages ask."""

    def __init__(self, store: Store, outside: Outside | None = None) -> None:
        from engine.runtime.outside import Installation

        self._store = store
        self._outside = outside if outside is not None else Installation(store)
        self._known: dict[str, Running] = {}
        self._missing: set[tuple[str, str]] = set()
        self._loading = threading.Lock()
        self._follower = Follower(store.stock)

    def at(self, fingerprint: str) -> Running:
        if not fingerprint:
            raise SetupError(
                Words("No plan has been published to this store yet: `parcours up` in a workspace does it.")
            )
        running = self._known.get(fingerprint)
        if running is None:
            with self._loading:  # whoever comes second finds it
                running = self._known.get(fingerprint) or self._load(fingerprint)
                self._known[fingerprint] = running
        if running.renderer is not None:
            self._follower.follow(fingerprint, running.renderer)
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
            raise SetupError(
                Words(
                    "The store has lost the plan {fingerprint}. `parcours up` publishes it again.",
                    fingerprint=fingerprint,
                )
            )
        compiled = compile_sources(sources, published=True).sound()
        return Running(compiled.plan, partial(compiled.renderer.render, outside=self._outside), compiled.renderer)


def sources_of(store: Store, fingerprint: str) -> dict[str, str] | None:
    """What a plan was compiled from (path -> text), as it was published; None when the store does not know it."""
    packed = store.plan_sources(fingerprint) if fingerprint else None
    return msgspec.msgpack.decode(zlib.decompress(packed), type=dict[str, str]) if packed is not None else None


def publish(store: Store, sources: Mapping[str, str], by: str = "", *, before: str | None = None) -> Plan:
    """Compile a workspace (path -> text) and make it the current plan. Raises DefinitionError when it has problems.

    Where the history of an event begins is recorded with the plan. With another plan before, every customer is
    looked at again, unless only templates have changed: segments and schedules may be new. Raises Conflict when
    the current plan is not `before` (default: whatever is current now), or was replaced meanwhile.
    """
    from engine.define.history import with_history
    from engine.define.workspace import compile_sources

    pulse = store.pulse()
    now = pulse.time.now()
    if before not in (None, pulse.plan):
        raise Conflict(
            Words(
                "The deployed plan is {what} now, not {what2}: plan again.",
                what=pulse.plan or "none",
                what2=before or "none",
            )
        )
    before, deployed = pulse.plan, sources_of(store, pulse.plan)
    sources = with_history(sources, deployed, now)
    plan = compile_sources(sources).sound().plan
    packed = zlib.compress(msgspec.msgpack.encode(sources))
    versions = {name: each.version for name, each in plan.journeys.items()}
    put_release(store, plan.fingerprint, Release(now, by, versions))
    wakes = deployed is not None and decides_otherwise(deployed, sources)
    if wakes:
        store.owe_wake()  # if this process dies before it has woken everybody, a sweep does it
    if not store.put_plan(plan.fingerprint, packed, versions, before):
        raise Conflict(Words("Somebody else has just deployed another plan: plan again."))
    points.at("plans.published")
    load_pools(store, plan, sources)
    if before != plan.fingerprint:
        note(store, now, "deploy", by, plan=plan.fingerprint, before=before)
        if wakes:
            store.wake_everyone()
    return plan


def decides_otherwise(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Does more differ than how messages look?"""

    def files(sources: Mapping[str, str]) -> dict[str, str]:
        return {name: text for name, text in sources.items() if not name.startswith("templates/") and name != HISTORY}

    return files(before) != files(after)
