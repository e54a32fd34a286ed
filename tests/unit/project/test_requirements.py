"""The pinned requirements: hashed, free of addresses, and one version of everything."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]
FILES = ["build", "demo", "dev"]


def pins(name: str) -> dict[str, set[str]]:
    """Package -> its pinned versions in one file (several when they differ by Python)."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / f"requirements/{name}.txt").read_text().splitlines():
        if match := re.match(r"([\w.-]+)(?:\[[\w,-]+\])?==([\w.]+)", line):
            found.setdefault(canonicalize_name(match[1]), set()).add(match[2])
    return found


@pytest.mark.parametrize("name", FILES)
def test_no_address_of_any_registry_is_written_down(name: str) -> None:
    text = (ROOT / f"requirements/{name}.txt").read_text()

    assert not re.search(r"://|index-url|find-links|@ ", text)


@pytest.mark.parametrize("name", FILES)
def test_every_pin_has_a_hash(name: str) -> None:
    entries = (ROOT / f"requirements/{name}.txt").read_text().replace("\\\n", " ").strip().splitlines()

    assert entries
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_the_sets_agree_so_that_one_venv_serves_them_all() -> None:
    assert pins("build").items() <= pins("dev").items()
    assert pins("demo").items() <= pins("dev").items()


def test_what_the_project_asks_for_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = project["project"]["dependencies"] + project["project"]["optional-dependencies"]["examples"]
    demo = pins("demo")

    for line in asked:
        requirement = Requirement(line)
        versions = demo.get(canonicalize_name(requirement.name), set())
        assert versions, f"{line} is not pinned: make lock"
        assert all(requirement.specifier.contains(version) for version in versions), line
