"""Stories under pytest: `pytest -p engine.testing.pytest_stories` runs each case of each story file as a test.

Collecting reads the YAML only; a workspace is compiled when its first case runs, once.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from engine.define.story import is_story

if TYPE_CHECKING:
    from engine.model.problem import Problem
    from engine.testing.stories.model import Story
    from engine.testing.stories.run import Runner

ENDINGS = (".yaml", ".yml")


class StoryFailed(Exception):
    """What the report shows: the failures of a case, or the problems of its file."""


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A YAML file whose first key is `tests`."""
    if file_path.suffix in ENDINGS and is_story(file_path.read_text("utf-8", errors="replace")):
        return StoryFile.from_parent(parent, path=file_path)
    return None


class StoryFile(pytest.File):
    """One story file: a test for each case; one test that fails when its cases cannot be told apart."""

    def collect(self) -> Iterator[pytest.Item]:
        from engine.define.source import read_yaml

        doc = read_yaml(str(self.path), self.path.read_text("utf-8-sig", errors="replace"))
        cases = doc.data.get("cases") if isinstance(doc.data, dict) else None
        for name in cases if isinstance(cases, dict) and cases else ("the story can be read",):
            line = doc.mark(("cases", name), key=True).line
            yield StoryItem.from_parent(self, name=str(name), line=line)


class StoryItem(pytest.Item):
    """One case."""

    def __init__(self, *, line: int, **rest: Any) -> None:
        super().__init__(**rest)
        self.line = line

    def runtest(self) -> None:
        """Play the case. Raises StoryFailed with everything that did not hold."""
        from engine.define.report import listing
        from engine.testing.stories.find import home_of
        from engine.testing.stories.report import failure_text

        teller = _runner(home_of(self.path))
        story, problems = _read(teller, self._shown(), self.path)
        if problems or story is None:
            raise StoryFailed(listing(problems))
        case = next(case for case in story.cases if case.name == self.name)
        failures = teller.play(story, case).failures
        if failures:
            raise StoryFailed("\n\n".join(failure_text(failure) for failure in failures))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The story's own words instead of a traceback through the engine."""
        if isinstance(excinfo.value, StoryFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.line - 1, f"{self._shown()}: {self.name}"

    def _shown(self) -> str:
        root = self.config.rootpath
        return (self.path.relative_to(root) if self.path.is_relative_to(root) else self.path).as_posix()


@lru_cache(maxsize=4)
def _runner(home: Path) -> Runner:
    from engine.testing.stories.run import runner

    return runner(home)


_stories: dict[tuple[int, Path], tuple[Story | None, list[Problem]]] = {}


def _read(teller: Runner, shown: str, path: Path) -> tuple[Story | None, list[Problem]]:
    key = (id(teller), path)
    if key not in _stories:
        _stories[key] = teller.read(shown, path.read_text("utf-8-sig", errors="replace"))
    return _stories[key]
