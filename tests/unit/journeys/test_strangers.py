"""Journeys that somebody wrote from the pages of docs/ alone: each instant was worked out by hand from what they say.

Appointments, a renewal, tickets, flights, a birthday, reorders, a split and a service; in Paris, New York, Kolkata, on
Lord Howe and in Apia, around the clock changes of 2026 and 2027.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from engine.testing.stories.suite import run_stories

WRITTEN = Path(__file__).parents[2] / "cases" / "strangers"


@pytest.mark.slow
def test_what_a_stranger_expects_happens(tmp_path: Path) -> None:
    shutil.copytree(WRITTEN, tmp_path, dirs_exist_ok=True)
    (tmp_path / "templates/messages").mkdir(parents=True)
    for journey in (tmp_path / "journeys").glob("*.yaml"):
        for name in re.findall(r"send: (\w+)", journey.read_text("utf-8")):
            blocks = "{% extends layout %}{% block headline %}A{% endblock %}{% block summary %}B.{% endblock %}"
            (tmp_path / f"templates/messages/{name}.j2").write_text(blocks, "utf-8")

    suite = run_stories([tmp_path])

    assert [str(problem) for problem in suite.problems] == []
    assert [failure for case in suite.played for failure in case.failures] == []
    assert len(suite.played) >= 25
