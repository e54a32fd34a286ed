"""The plans that decided, and what they rendered with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.define.workspace import Compiled, compile_sources
from engine.model.errors import SetupError
from engine.model.plan import Journey
from engine.model.profile import Profile
from engine.model.words import Words
from engine.report.archive.plans import Released
from engine.runtime.plans import Running


@dataclass
class PastPlans:
    """A source of plans (`engine.runtime.plans.PlanSource`) that asks no store and can render."""

    released: Mapping[str, Released]
    _known: dict[str, Compiled] = field(default_factory=dict)
    _running: dict[str, Running] = field(default_factory=dict)
    _missing: set[tuple[str, str]] = field(default_factory=set)

    def compiled(self, fingerprint: str) -> Compiled:
        """Raises SetupError when the archive has no such plan, DefinitionError when it compiles no more."""
        found = self._known.get(fingerprint)
        if found is None:
            released = self.released.get(fingerprint)
            if released is None:
                raise SetupError(
                    Words(
                        "The archive has lost plans/{fingerprint}.json: without it nobody can decide again.",
                        fingerprint=fingerprint,
                    )
                )
            found = self._known[fingerprint] = compile_sources(released.sources, published=True).sound()
        return found

    def at(self, fingerprint: str) -> Running:
        """The plan of this fingerprint."""
        running = self._running.get(fingerprint)
        if running is None:
            compiled = self.compiled(fingerprint)
            running = self._running[fingerprint] = Running(compiled.plan, compiled.renderer.render, compiled.renderer)
        return running

    def provide(self, running: Running, profile: Profile) -> None:
        """See to it that `running.plan` knows the journey versions that this profile is inside."""
        known = running.plan.versions
        for run in profile.enrolments.values():
            named = (run.journey, run.version)
            if named not in known and named not in self._missing:
                journey = self._older(*named)
                if journey is None:
                    self._missing.add(named)
                else:
                    known[named] = journey

    def _older(self, name: str, version: str) -> Journey | None:
        for each in reversed(list(self.released.values())):
            if each.journeys.get(name) == version:
                journey = self.compiled(each.fingerprint).plan.journeys.get(name)
                if journey is not None and journey.version == version:
                    return journey
        return None
