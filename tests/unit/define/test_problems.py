"""Every planted fault is found, at its line and column, with a sentence that helps.

A case is one file: a journey, a line `---`, and the exact problems that `parcours check` prints for it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.define.workspace import compile_sources
from tests.story import workspace

CASES = sorted((Path(__file__).parents[2] / "cases" / "problems").glob("*.case"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_planted_faults_are_found_where_they_are(case: Path) -> None:
    given, _, expected = case.read_text(encoding="utf-8").rpartition("\n---\n")
    sources = workspace() | {"journeys/j.yaml": given}
    found = [str(problem) for problem in compile_sources(sources).problems]
    assert found == expected.splitlines()


def test_there_are_cases() -> None:
    assert len(CASES) >= 15
