"""Running stories: a workspace compiled once, every case of every file played."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from engine.define.doc import Doc
from engine.define.folder import compile_folder
from engine.define.report import with_source
from engine.define.source import read_yaml
from engine.define.workspace import Compiled
from engine.model.plan import Plan
from engine.model.problem import Problem
from engine.testing.stories.coverage import Coverage
from engine.testing.stories.cut import cut
from engine.testing.stories.find import story_files
from engine.testing.stories.model import Case, Story
from engine.testing.stories.play import Failure, play
from engine.testing.stories.read import read_story


@dataclass(frozen=True, slots=True)
class Played:
    """One case that was run: `passed` when nothing failed."""

    file: str
    line: int
    name: str
    failures: tuple[Failure, ...]

    @property
    def passed(self) -> bool:
        return not self.failures


@dataclass(slots=True)
class Runner:
    """A sound workspace and the stories told of it. With `coverage` it notes which steps are reached."""

    compiled: Compiled
    coverage: Coverage | None = None
    _plans: dict[tuple[tuple[str, ...], bool, bool], Plan] = field(default_factory=dict)

    def read(self, file: str, text: str) -> tuple[Story | None, list[Problem]]:
        """A story file, and what is wrong with it."""
        doc = read_yaml(file, text)
        story = read_story(doc, self.compiled.plan, self.compiled.renderer.messages())
        return story, _sorted(doc)

    def play(self, story: Story, case: Case) -> Played:
        """Run one case."""
        plan = self._plan(story.journeys, case.holdout, case.control)
        failures, records = play(story, case, plan, self.compiled.renderer.render)
        if self.coverage is not None:
            self.coverage.add(records)
        line = story.doc.mark(case.path, key=True).line
        return Played(story.doc.file, line, case.name, tuple(failures))

    def _plan(self, journeys: tuple[str, ...], holdout: bool, control: bool) -> Plan:
        found = self._plans.get((journeys, holdout, control))
        if found is None:
            plan = self.compiled.plan if self.coverage is None else self.coverage.watched(self.compiled.plan)
            found = self._plans[journeys, holdout, control] = cut(plan, journeys, holdout, control)
        return found


def _sorted(doc: Doc) -> list[Problem]:
    return sorted({with_source(problem, {doc.file: doc.text}) for problem in doc.problems})


def runner(home: Path, *, coverage: bool = False) -> Runner:
    """The workspace at `home`, compiled. Raises DefinitionError when it has problems of its own."""
    compiled = compile_folder(home).sound()
    return Runner(compiled, Coverage(compiled) if coverage else None)


def story_problems(compiled: Compiled, home: Path) -> list[Problem]:
    """What is wrong with the stories of the workspace at `home`, of which `compiled` was made; places within it.

    A journey or segment that has problems of its own is known all the same: they are fault enough.
    """
    teller = Runner(compiled)
    files = [file for files in story_files([home]).values() for file in files]
    texts = {file.relative_to(home.absolute()).as_posix(): file.read_text("utf-8", "replace") for file in files}
    problems = [problem for name, text in texts.items() for problem in teller.read(name, text)[1]]
    failed = [f"'{name}'" for name in compiled.failed]
    return [each for each in problems if not any(name in each.message for name in failed)]


def wanted(stories: Iterable[Story], words: str) -> Iterator[tuple[Story, Case]]:
    """The cases in whose file or name all of `words` occur."""
    for story in stories:
        for case in story.cases:
            where = f"{story.doc.file} {case.name}".lower()
            if all(word in where for word in words.lower().split()):
                yield story, case
