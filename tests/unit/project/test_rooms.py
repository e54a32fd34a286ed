"""The house rules on who may import what, beyond the layers that import-linter checks."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ENGINE = ROOT / "engine"
PURE = {"model", "policy", "journey", "decide"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

# A library -> the only places that may import it, and in how many files at most (None: any number).
IMPORTERS: dict[str, tuple[tuple[str, ...], int | None]] = {
    "yaml": (("engine/define/",), 1),
    "durable": (("engine/decide/",), 1),
    "durable_rules_engine": (("engine/decide/",), 1),
    "mrml": (("engine/render/",), 1),
    "jinja2": (("engine/render/", "engine/console/"), None),
    "lark": (("engine/define/",), None),
    "redis": (("engine/runtime/",), None),
    "celery": (("engine/runtime/", "engine/cli/"), None),
    "kombu": (("engine/runtime/",), None),
    "fastapi": (("engine/api/", "engine/console/"), None),
    "prometheus_client": (("engine/runtime/",), None),
    "structlog": (("engine/runtime/",), 1),
    "opentelemetry": (("engine/runtime/",), 1),
    "duckdb": (("engine/report/",), None),
    "pydantic_settings": (("engine/settings.py",), 1),
    "random": ((), 0),
    "secrets": (("engine/api/", "engine/console/", "engine/cli/"), None),
}


@cache
def trees() -> dict[str, ast.Module]:
    """Every file of the engine -> what it says."""
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text()) for path in sorted(ENGINE.rglob("*.py"))}


@cache
def imports() -> frozenset[tuple[str, str]]:
    """Every (file, top-level package that it imports at run time or for its types) of the engine."""
    return frozenset(_imports())


def _imports() -> Iterator[tuple[str, str]]:
    for name, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from ((name, alias.name.split(".")[0]) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield name, node.module.split(".")[0]


@pytest.mark.parametrize("library", IMPORTERS)
def test_a_library_has_its_one_place(library: str) -> None:
    places, most = IMPORTERS[library]

    importers = {file for file, package in imports() if package == library}

    assert {file for file in importers if not file.startswith(places or ("nowhere",))} == set()
    assert most is None or len(importers) <= most, sorted(importers)


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        name
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    }

    assert readers == {"engine/settings.py"}


def test_the_contract_of_the_pure_rooms_names_all_that_exist() -> None:
    contract = next(each for each in PROJECT["tool"]["importlinter"]["contracts"] if each["type"] == "forbidden")

    assert set(contract["source_modules"]) == {f"engine.{room}" for room in PURE if (ENGINE / room).is_dir()}


def test_every_room_has_its_place_in_the_layers() -> None:
    contract = next(each for each in PROJECT["tool"]["importlinter"]["contracts"] if each["type"] == "layers")
    placed = {room.strip(" ()") for layer in contract["layers"] for room in layer.split(":")}

    rooms = {path.stem for path in ENGINE.iterdir() if (path / "__init__.py").exists() or path.suffix == ".py"}

    assert rooms - {"__init__"} <= placed


@pytest.mark.parametrize(
    ("file", "refused"),
    [
        ("engine/policy/any.py", True),
        ("engine/runtime/any.py", True),
        ("engine/runtime/clock.py", False),  # the only reader of the wall clock
        ("tests/unit/any.py", False),
    ],
)
def test_the_wall_clock_is_banned_but_in_the_clock(file: str, refused: bool) -> None:
    code = "import time\n\nprint(time.time())\n"

    ruff = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--stdin-filename", file, "-"],
        input=code, capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip

    assert ("TID251" in ruff.stdout) is refused, ruff.stdout + ruff.stderr


def test_no_file_of_the_engine_grew_over_300_lines() -> None:
    long = {path.name: n for path in ENGINE.rglob("*.py") if (n := len(path.read_text().splitlines())) > 300}

    assert long == {}


def test_every_file_says_what_it_is_for() -> None:
    silent = [name for name, tree in trees().items() if not ast.get_docstring(tree)]

    assert silent == []
