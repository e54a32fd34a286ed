"""The plans of an archive as the core needs them: compiled when the first entry names them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from engine.model.errors import SetupError
from engine.model.profile import Profile
from engine.report.archive.plans import Released
from engine.runtime.plans import Running


@dataclass
class ArchivedPlans:
    """A source of plans (`engine.runtime.plans.PlanSource`) that asks no store."""

    released: Mapping[str, Released]
    _known: dict[str, Running] = field(default_factory=dict)

    def at(self, fingerprint: str) -> Running:
        """Raises SetupError when the archive has no such plan."""
        running = self._known.get(fingerprint)
        if running is None:
            from engine.define.workspace import compile_sources

            found = self.released.get(fingerprint)
            if found is None:
                raise SetupError(f"The archive has lost plans/{fingerprint}.json: without it nobody can decide again.")
            plan = compile_sources(found.sources, published=True).sound().plan
            running = self._known[fingerprint] = Running(plan, _never)
        return running

    def provide(self, running: Running, profile: Profile) -> None:
        """The newest plan that holds a version of a journey gives it to the others."""
        for run in profile.enrolments.values():
            named = (run.journey, run.version)
            if named in running.plan.versions:
                continue
            older = self.holders().get(f"{run.journey}|{run.version}")
            journey = self.at(older).plan.journeys.get(run.journey) if older is not None else None
            if journey is not None and journey.version == run.version:
                running.plan.versions[named] = journey

    def holders(self) -> dict[str, str]:
        """'journey|version' -> the newest plan that holds it."""
        return {
            f"{name}|{version}": each.fingerprint
            for each in self.released.values()
            for name, version in each.journeys.items()
        }


def _never(*_: Any) -> NoReturn:
    raise AssertionError("nothing is rendered while the past is decided again")
