"""What people mistype: one check of a workspace full of slips finds each at its place, and says nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from engine.cli.main import main
from tests.unit.define.cases import FOLDER, Case

SLIPS = Case.read(FOLDER.parent / "slips.case")
_PROBLEM = re.compile(r"(?:journeys|templates)/\S+:\d+:\d+: .*\]$")


def test_each_slip_is_found_at_its_line_and_column_and_nothing_else_is_said(tmp_path: Path) -> None:
    for name, text in SLIPS.files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")

    result = CliRunner().invoke(main, ["check", str(tmp_path)])

    assert result.exit_code == 1
    assert [line for line in result.output.splitlines() if _PROBLEM.match(line)] == SLIPS.expected
    assert len(SLIPS.expected) >= 80
