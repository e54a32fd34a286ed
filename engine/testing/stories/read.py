"""Reading a story file: every name checked against the workspace, every problem at its place."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from engine.define.doc import Doc, Path, did_you_mean
from engine.define.shape import shaped
from engine.model.plan import Plan
from engine.testing.stories.model import MAIN, Case, Person, Story, World
from engine.testing.stories.outcomes import read_outcomes
from engine.testing.stories.people import read_person
from engine.testing.stories.shape import STEP, SettingShape, StoryShape
from engine.testing.stories.stage import is_split, splits
from engine.testing.stories.steps import read_step
from engine.testing.stories.when import Clock, parse_clock


def read_story(doc: Doc, plan: Plan, messages: Collection[str]) -> Story | None:
    """The story in `doc`, None when it cannot be read. What is wrong is in `doc.problems`."""
    if not isinstance(doc.data, dict):
        if not doc.problems:
            doc.problem((), "this file is empty or no set of names.", "Begin with 'tests:'.")
        return None
    shape = shaped(doc, doc.data, StoryShape)
    if shape is None or doc.lost:
        return None
    tests = [shape.tests] if isinstance(shape.tests, str) else shape.tests
    names = {each.name for each in plan.segments}
    sure = _known_tests(doc, plan, tests, names)
    world = World(
        plan,
        messages,
        journeys=tuple(name for name in tests if name in plan.journeys),
        segments=tuple(name for name in tests if name in names),
    )
    if not shape.cases:
        doc.problem(("cases",), "there is no case here.", "Write 'NAME OF THE CASE:' and its steps below.")
    before = len(doc.problems)
    cases = [_case(doc, world, shape, name) for name in shape.cases]
    if not sure:
        doc.problems[before:] = [each for each in doc.problems[before:] if not OF_TESTED.search(each.message)]
    return Story(doc, world.journeys, world.segments, tuple(case for case in cases if case is not None))


# What is said of a journey, or a part of one, that is not under test.
OF_TESTED = re.compile(r"under test|is not tested here|in what is tested")


def _known_tests(doc: Doc, plan: Plan, tests: list[str], segments: set[str]) -> bool:
    """Whether all that is named is there; else nobody knows what is under test."""
    known = {*plan.journeys, *segments, *plan.placements}
    for index, name in enumerate(tests):
        if name not in known:
            path: Path = ("tests", index) if isinstance(doc.data["tests"], list) else ("tests",)
            doc.problem(path, f"no journey, segment or placement '{name}'.", did_you_mean(name, known))
    if not tests:
        doc.problem(("tests",), "nothing is tested here.", "Write the journeys: 'tests: [welcome]'.")
    return all(name in known for name in tests)


def _case(doc: Doc, world: World, file: StoryShape, name: str) -> Case | None:
    path: Path = ("cases", name)
    lines = doc.data["cases"][name]
    own = SettingShape()
    first = 0
    if lines and isinstance(lines[0], dict) and not set(lines[0]) - set(SettingShape.model_fields):
        first = 1
        own = shaped(doc, lines[0], SettingShape, (*path, 0)) or own
    at: Path = (*path, 0)
    clock = _clock(doc, world.plan, ("clock",), file.clock) if own.clock is None else None
    clock = _clock(doc, world.plan, (*at, "clock"), own.clock) if own.clock is not None else clock
    if clock is None:
        _people(doc, world.plan, path, file, own)
        if own.clock is None and file.clock is None:
            hint = "Add 'clock: 2026-03-02 14:00 Europe/Paris' to the file, or to the case's first line."
            doc.problem(path, f"the case '{name}' has no clock.", hint, key=True)
        return None
    people = _people(doc, world.plan, path, file, own)
    case = Case(
        name=name,
        path=path,
        clock=clock,
        people=people,
        holdout=_holdout(doc, world, at if own.holdout else (), own.holdout or file.holdout or "out"),
        control=_control(doc, world, at if own.control else (), own.control or file.control or "out"),
        arms={
            **_arms(doc, world, ("arms",), file.arms or {}),
            **_arms(doc, world, (*at, "arms"), own.arms or {}),
        },
        outcomes={
            **read_outcomes(doc, world.plan, ("outcomes",), file.outcomes or {}, clock),
            **read_outcomes(doc, world.plan, (*at, "outcomes"), own.outcomes or {}, clock),
        },
        steps=(),
        answers={
            **_answers(doc, world, ("answers",), file.answers or {}),
            **_answers(doc, world, (*at, "answers"), own.answers or {}),
        },
    )
    return _with_steps(doc, world, case, first, lines)


def _answers(doc: Doc, world: World, path: Path, written: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What services answer; an unknown service is a problem."""
    known = world.plan.policies.calls
    for name in written:
        if name not in known:
            doc.problem((*path, name), f"no service '{name}' in the policies.", did_you_mean(name, known), key=True)
    return written


def _with_steps(doc: Doc, world: World, case: Case, first: int, lines: list[Any]) -> Case:
    steps = []
    now = case.clock.instant
    for number, line in enumerate(lines[first:], start=first):
        path: Path = (*case.path, number)
        if not isinstance(line, dict):
            continue  # its shape was complained of
        if "at" not in line:
            _timeless(doc, path, line)
            continue
        step = read_step(doc, path, line, world, case)
        if step is None:
            continue
        if step.at < now:
            field = "received" if "received" in line else "at"
            doc.problem((*path, field), "this is earlier than the line before it.", "Tell the story in order.")
        now = max(now, step.at)
        steps.append(step)
    if not any(step.expects for step in steps) and not doc.problems:
        hint = "Say what should have happened by then: '- {at: 1d, expect: {sent: [...]}}'."
        doc.problem(case.path, f"the case '{case.name}' expects nothing.", hint, key=True)
    return replace(case, steps=tuple(steps))


def _timeless(doc: Doc, path: Path, line: dict[str, Any]) -> None:
    """A line that does not say when: a setting in the wrong place, a word that is none, or an `at` forgotten."""
    setting = [key for key in line if key in SettingShape.model_fields and key not in STEP]
    stranger = [key for key in line if key not in SettingShape.model_fields and key not in STEP]
    near = did_you_mean(stranger[0], {*SettingShape.model_fields, *STEP}) if stranger and "event" not in line else ""
    if near.startswith("Did"):
        doc.problem((*path, stranger[0]), f"'{stranger[0]}' is not known here.", near, key=True)
    elif setting:
        hint = "Put it on the case's first line, alone."
        doc.problem((*path, setting[0]), f"'{setting[0]}' does not belong here.", hint, key=True)
    else:
        doc.problem(path, "this line does not say when.", "Begin it with 'at: 0m'.")


def _clock(doc: Doc, plan: Plan, path: Path, text: str | None) -> Clock | None:
    if text is None:
        return None
    try:
        return parse_clock(text, plan.policies.timezone)
    except ValueError as fault:
        word = re.match(r"'([^']+)' is no time zone", str(fault))
        doc.problem(path, str(fault), code="time", part=word[1] if word else "")
        return None


def _people(doc: Doc, plan: Plan, path: Path, file: StoryShape, own: SettingShape) -> dict[str, Person]:
    """The main customer, then the others. A case's words are laid over those of the file."""
    found: dict[str, Person] = {}
    written = {MAIN: (file.customer or {}, own.customer or {})}
    for name in {**(file.customers or {}), **(own.customers or {})}:
        written[name] = ((file.customers or {}).get(name, {}), (own.customers or {}).get(name, {}))
    for name, (below, above) in written.items():
        tail: Path = ("customer",) if name == MAIN else ("customers", name)
        person = read_person(doc, tail, plan, name, below)
        if above:
            read_person(doc, (*path, 0, *tail), plan, name, above)
            person = read_person(Doc(doc.file, ""), (), plan, name, {**below, **above})
        found[name] = person
    return found


def _holdout(doc: Doc, world: World, at: Path, word: str) -> bool:
    plan = world.plan
    chance = plan.policies.global_holdout or any(plan.journeys[name].holdout for name in world.journeys)
    if word == "in" and not chance:
        doc.problem((*at, "holdout"), "nothing under test has a holdout.", "Give the journey one: 'holdout: 10%'.")
    return word == "in"


def _control(doc: Doc, world: World, at: Path, word: str) -> bool:
    if word == "in" and world.plan.policies.control is None:
        hint = "Declare one in the policies: 'control: {share: 5%}'."
        doc.problem((*at, "control"), "there is no control group.", hint)
    return word == "in"


def _arms(doc: Doc, world: World, path: Path, written: dict[str, str]) -> dict[str, str]:
    steps = [step for name in world.journeys for step in splits(world.plan.journeys[name])]
    for name, arm in written.items():
        mine = [step for step in steps if is_split(step.id, name)]
        known = {each.name for step in mine for each in step.spec}
        if not mine:
            hint = did_you_mean(name, {step.id.removeprefix("split:") for step in steps})
            doc.problem((*path, name), f"no split '{name}' in what is tested.", hint, key=True)
        elif arm not in known:
            doc.problem((*path, name), f"the split '{name}' has no arm '{arm}'.", did_you_mean(arm, known))
    return written
