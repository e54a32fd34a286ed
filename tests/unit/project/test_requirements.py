"""The pinned requirements: hashed, free of addresses, and one version of everything."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]
FILES = ["build", "demo", "dev"]
# their own public parts
COMES_WITH = {
    "anyio": "fastapi",
    "dns": "email-validator",
    "hiredis": "redis",
    "kombu": "celery",
    "markupsafe": "jinja2",
    "starlette": "fastapi",
}
LOADS_US = {"pytest"}  # engine/testing/pytest_stories.py is imported by nobody else


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


def project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return found


def test_what_the_engine_imports_is_asked_for() -> None:
    extras = project()["optional-dependencies"]  # what is imported only when asked for
    ours = [each for name, lines in extras.items() if name != "examples" for each in lines]
    lines = [*project()["dependencies"], *ours]
    asked = {canonicalize_name(Requirement(line).name) for line in lines}
    imported = {
        name.split(".")[0]
        for path in (ROOT / "engine").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in imported_by(node)
    }
    owners = packages_distributions()

    missing = {
        name
        for name in imported - set(sys.stdlib_module_names) - {"engine"} - LOADS_US
        if not {canonicalize_name(COMES_WITH.get(name, owner)) for owner in owners.get(name, [name])} & asked
    }

    assert missing == set()


def imported_by(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []


def test_what_the_project_asks_for_is_pinned() -> None:
    asked = project()["dependencies"] + project()["optional-dependencies"]["examples"]
    demo = pins("demo")

    for line in asked:
        requirement = Requirement(line)
        versions = demo.get(canonicalize_name(requirement.name), set())
        assert versions, f"{line} is not pinned: make lock"
        assert all(requirement.specifier.contains(version) for version in versions), line
