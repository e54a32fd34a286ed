"""What a release would do to a running installation: what changes, who is where, who goes where, what does not fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import msgspec

from engine.define.checks import HINTS, findings
from engine.define.checks.not_rendered import NotRendered
from engine.define.checks.rule import Workspace
from engine.define.checks.template_needs import TemplateNeeds
from engine.define.diff import Change, diff, looks_again, same
from engine.define.diff_answers import aftermath
from engine.define.doc import did_you_mean
from engine.define.history import HISTORY, gaps, with_history
from engine.define.workspace import Compiled, compile_sources, fingerprint
from engine.model.plan import Journey
from engine.model.problem import Problem
from engine.policy.standing import Standing
from engine.runtime.counts import Stand, counts
from engine.runtime.plans import sources_of
from engine.runtime.releases import Release, releases
from engine.runtime.stops import standings
from engine.runtime.store import Store


@dataclass(frozen=True, slots=True)
class Group:
    """People who stand at one step of one version. `to` is where a map takes them ('': they stay).

    `stays` tells a version that the release goes on with from an older one that they are pinned to.
    """

    journey: str
    version: str
    step: str
    people: int
    to: str = ""
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Outlook:
    """What `parcours plan` says. `deployed` is '' when nothing is; `workspace` names what would be deployed.

    `problems` forbid the deploy; `history` are look-backs that have no answer yet; `everybody` why all are looked
    at again; `answers` what becomes of the next best actions that are under way.
    """

    deployed: str
    release: Release | None
    workspace: str
    changes: tuple[Change, ...]
    people: tuple[Group, ...]
    problems: tuple[Problem, ...]
    history: tuple[str, ...]
    everybody: tuple[str, ...]
    answers: tuple[str, ...]
    stopped: Mapping[str, Standing]
    nothing: bool


def examine(store: Store, sources: Mapping[str, str]) -> Outlook:
    """What a deploy of `sources` (path -> text) would do now. Raises nothing for what stands in them."""
    pulse = store.pulse()
    before = sources_of(store, pulse.plan)
    new = compile_sources(with_history(sources, before, pulse.time.now()))
    old = compile_sources(before, published=True) if before is not None else None
    plain = {name: text for name, text in sources.items() if name != HISTORY}
    nothing = before is not None and same(before, plain)
    problems = list(new.problems)
    problems += [each for each in findings(new.plan, new.renderer, new.sources, new.problems) if each.code not in HINTS]
    groups = _groups(counts(store), new)
    changes = diff(old, new) if not new.problems else ()
    if not new.problems:
        # who is taken along is asked nothing of the older version any more
        staying = {(group.journey, group.version) for group in groups if not group.to and not group.stays}
        versions = _Versions(store, new, {(group.journey, group.version) for group in groups if not group.stays})
        problems += versions.misfits(staying, set(problems))
        problems += _strange_moves(new, old, versions)
    return Outlook(
        deployed=pulse.plan,
        release=releases(store).get(pulse.plan),
        workspace=fingerprint(plain),
        changes=changes,
        people=groups,
        problems=tuple(sorted(set(problems))),
        history=tuple(str(gap) for gap in gaps(new.plan, pulse.time.now())) if not nothing else (),
        everybody=tuple(looks_again(changes)) if old is not None else (),
        answers=aftermath(old.plan, new.plan) if old is not None and not new.problems else (),
        stopped={name: each for name, each in standings(store).items() if each.word},
        nothing=nothing,
    )


def as_data(outlook: Outlook) -> dict[str, Any]:
    """The outlook as plain data, for `plan --json`."""
    from engine.define.report import as_data as of_problem

    found = asdict(replace(outlook, release=None, stopped={}, problems=()))
    return found | {
        "release": msgspec.to_builtins(outlook.release),
        "stopped": msgspec.to_builtins(dict(outlook.stopped)),
        "problems": [of_problem(each) for each in outlook.problems],
    }


def _groups(people: Counter[Stand], new: Compiled) -> tuple[Group, ...]:
    found = []
    for stand, count in sorted(people.items()):
        newest = new.plan.journeys.get(stand.journey)
        stays = newest is not None and newest.version == stand.version
        move = newest.moves.get(stand.step) if newest is not None and not stays else None
        found.append(Group(stand.journey, stand.version, stand.step, count, move.to if move is not None else "", stays))
    return tuple(found)


class _Versions:
    """The older versions that people are inside, as they were published, against what would be deployed."""

    def __init__(self, store: Store, new: Compiled, inside: set[tuple[str, str]]) -> None:
        self.new = new
        self.pinned: dict[tuple[str, str], tuple[Journey, str]] = {}
        plans: dict[str, Compiled] = {}
        for name, version in sorted(inside):
            newest = new.plan.journeys.get(name)
            if newest is not None and newest.version == version:
                continue
            holder = store.plan_of_journey(name, version)
            if holder not in plans:
                sources = sources_of(store, holder)
                if sources is None:
                    continue
                plans[holder] = compile_sources(sources, published=True)
            journey = plans[holder].plan.journeys.get(name)
            if journey is not None and journey.version == version:
                self.pinned[name, version] = journey, plans[holder].sources[journey.place.file]

    def misfits(self, staying: set[tuple[str, str]], known: set[Problem]) -> list[Problem]:
        """What in the new vocabulary, policies and templates no longer fits a version that people are inside."""
        found = []
        for (name, version), (journey, text) in self.pinned.items():
            if (name, version) not in staying:
                continue
            file, newest = journey.place.file, self.new.plan.journeys.get(name)
            sources = dict(self.new.sources)
            if newest is not None:
                sources.pop(newest.place.file, None)
            again = compile_sources(sources | {file: text})
            problems = [problem for problem in again.problems if problem.place.file == file]
            alone = again.plan.journeys.get(name)
            if alone is not None and not problems:
                plan = replace(again.plan, journeys={name: alone})
                workspace = Workspace(plan, again.renderer, again.sources)
                problems += [*TemplateNeeds().find(workspace), *NotRendered().find(workspace)]
            who = f"people are inside {name} {version}, which this no longer fits: "
            found += [replace(problem, message=who + problem.message) for problem in problems if problem not in known]
        return found


def _strange_moves(new: Compiled, old: Compiled | None, versions: _Versions) -> list[Problem]:
    """Lines of a `map` that are new and name a step which no version has that anybody may be inside."""
    found = []
    for name, journey in new.plan.journeys.items():
        deployed = old.plan.journeys.get(name) if old is not None else None
        known = {step for (other, _), (pinned, _) in versions.pinned.items() if other == name for step in pinned.steps}
        known |= set(deployed.steps) if deployed is not None else set()
        for step, move in journey.moves.items():
            if step in known or (deployed is not None and step in deployed.moves):
                continue
            message = f"nobody can stand at '{step}': no version of {name} has it that people are inside."
            hint = did_you_mean(step, known)
            found.append(Problem(move.place, message, "unknown_step", hint, len(step)))
    return found
