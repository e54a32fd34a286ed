"""All stories that one call of `parcours test` means, and what came of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from engine.model.problem import Problem
from engine.testing.stories.coverage import Reach
from engine.testing.stories.find import story_files
from engine.testing.stories.run import Played, runner, wanted


@dataclass(slots=True)
class Suite:
    """The cases that were played, in order, what is wrong with the story files, and `seconds` of real time."""

    played: list[Played]
    problems: list[Problem]
    reach: list[Reach]
    files: int
    seconds: float

    @property
    def failed(self) -> int:
        return sum(not each.passed for each in self.played)

    @property
    def sound(self) -> bool:
        """Something was played, and nothing is wrong."""
        return bool(self.played) and not self.problems and not self.failed


def run_stories(paths: Iterable[Path], words: str = "", *, coverage: bool = False) -> Suite:
    """Play every case at `paths` in whose file or name all `words` occur.

    Places are relative to the folder one stands in. Raises SetupError for paths that lead to no story,
    DefinitionError for a workspace with problems of its own.
    """
    begun = perf_counter()
    suite = Suite([], [], [], 0, 0.0)
    for home, files in story_files(paths).items():
        teller = runner(home, coverage=coverage)
        stories = []
        for file in files:
            story, problems = teller.read(shown(file), file.read_text("utf-8-sig", errors="replace"))
            suite.problems += problems
            suite.files += 1
            if story is not None and not problems:
                stories.append(story)
        suite.played += [teller.play(story, case) for story, case in wanted(stories, words)]
        if teller.coverage is not None:
            suite.reach += teller.coverage.reach()
    suite.seconds = perf_counter() - begun
    return suite


def shown(file: Path) -> str:
    """A path as one reads it best: from here, when it lies below."""
    here = Path.cwd()
    return (file.relative_to(here) if file.is_relative_to(here) else file).as_posix()
