"""Forty mistakes of all kinds in one workspace: one `parcours check` finds them all, in under two seconds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.define.checks import RULES
from engine.define.explain import codes
from tests.unit.define.cases import FOLDER, Case

PLANTED = FOLDER.parent / "planted.case"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for name, text in Case.read(PLANTED).files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def check(shop: Path) -> tuple[list[str], float]:
    """The lines that say a problem, and the CPU seconds that the whole command took."""
    # as after any first run: Python keeps what it has compiled, unless told otherwise
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "engine", "check", str(shop)]
    before = os.times()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    after = os.times()
    assert done.returncode == 1, done.stderr
    lines = [line.replace(": hint: ", ": ") for line in done.stdout.splitlines() if line.endswith("]")]
    took = after.children_user + after.children_system - before.children_user - before.children_system
    return [line for line in lines if line.startswith(("journeys/", "templates/"))], took


def test_all_are_found_at_their_line_and_column(shop: Path) -> None:
    expected = Case.read(PLANTED).expected
    found, _ = check(shop)

    assert found == expected
    assert len(expected) >= 30
    kinds = {line.rpartition(" [")[2].rstrip("]") for line in expected}
    assert {rule.code for rule in RULES} <= kinds <= set(codes())
    assert len(kinds) >= 30
    # other work on the machine may slow some runs down, not all
    assert any(check(shop)[1] < 2 for _ in range(4))
