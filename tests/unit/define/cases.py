"""Cases of `parcours check`: files of a small workspace, a line `---`, and the problems that are expected."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from engine.define.checks import findings
from engine.define.folder import compile_folder
from engine.define.workspace import Compiled, compile_sources
from engine.model.problem import Problem
from tests.story import _renderer, workspace

FOLDER = Path(__file__).parents[2] / "cases" / "checks"
PLAIN = "journeys/j.yaml"


@dataclass(frozen=True, slots=True)
class Case:
    """`files` by path: those given replace the ones of the small workspace, `=== path` begins another."""

    code: str
    files: dict[str, str]
    expected: list[str]

    @classmethod
    def read(cls, file: Path) -> Case:
        given, _, expected = file.read_text(encoding="utf-8").rpartition("\n---\n")
        files: dict[str, str] = {}
        name = PLAIN
        for line in given.splitlines(keepends=True):
            if line.startswith("=== "):
                name = line.removeprefix("=== ").strip()
                files[name] = ""
            else:
                files[name] = files.get(name, "") + line
        return cls(file.parent.name, files, expected.splitlines())

    @property
    def sources(self) -> dict[str, str]:
        return {**workspace(), **self.files}


def everything(compiled: Compiled) -> list[Problem]:
    """What `parcours check` says of a workspace."""
    extra = findings(compiled.plan, compiled.renderer, compiled.sources, compiled.problems)
    return sorted({*compiled.problems, *extra})


def found(case: Case, folder: Path) -> list[str]:
    """The problems with the code of the case; `folder` is an empty one for what only a file on disk can have."""
    compiled = _from_disk(case, folder) if case.code == "encoding" else _compiled(case.sources)
    return [str(problem) for problem in everything(compiled) if problem.code == case.code]


def _compiled(sources: dict[str, str]) -> Compiled:
    with patch("engine.define.workspace.Renderer", _renderer):  # most cases have the same templates: checked once
        return compile_sources(sources)


def _from_disk(case: Case, folder: Path) -> Compiled:
    """The case's files in the encoding of thirty years ago, compiled."""
    for name, text in case.files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="latin-1")
    return compile_folder(folder)
