"""The benchmarks run, say what they ran on, and name their baselines. How fast is not tested."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from benchmarks.__main__ import NAMES

ROOT = Path(__file__).parents[2]


def test_a_quick_look_gives_figures_beside_their_baselines(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    command = [sys.executable, "-m", "benchmarks", "mail", "--scale", "0.01", "--json", str(file)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert said.returncode == 0, said.stderr
    assert "event -> email" in said.stdout
    found = json.loads(file.read_text())
    rate, cpu = found["measures"]
    assert set(rate["ratios"]) == {"bare loop, one process", "bare loop, 4 processes", "one Celery task per event"}
    assert "Redis" in cpu["note"]
    assert rate["value"] > 0
    assert cpu["value"] > 0
    assert found["machine"]["cores"] >= 1


def test_the_docs_name_every_benchmark() -> None:
    table = (ROOT / "docs/benchmarks.md").read_text().partition("<!-- benchmarks -->")[2]
    assert tuple(re.findall(r"^\| `(\w+)`", table, re.M)) == NAMES
