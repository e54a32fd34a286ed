"""scripts/setup: tries interpreters by running them, names what is missing, does nothing the second time."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """scripts/setup.py as a module, looking at a copy of the project in `tmp_path`."""
    spec = importlib.util.spec_from_file_location("parcours_setup", ROOT / "scripts" / "setup.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    copy_project(tmp_path)
    for name, value in {"ROOT": tmp_path, "VENV": tmp_path / ".venv"}.items():
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    return module


def copy_project(target: Path) -> None:
    for folder in ("scripts", "requirements"):
        shutil.copytree(ROOT / folder, target / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", target)


def script(folder: Path, name: str, body: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


def run_setup(project: Path, path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "scripts/setup.sh", "check"],
        cwd=project, env={"PATH": f"{path}:/usr/bin-nowhere", **env}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> tuple[Path, Path]:
    """A copy of the project and a folder to be the whole PATH (with dirname in it)."""
    copy_project(tmp_path / "project")
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "dirname").symlink_to(shutil.which("dirname") or "/usr/bin/dirname")
    return tmp_path / "project", tools


def test_a_shim_that_fails_is_passed_over(project: tuple[Path, Path]) -> None:
    folder, path = project
    script(path, "python3.12", "echo 'command not found' >&2; exit 127")
    script(path, "python3.11", f'echo used >> {folder}/used; exec {sys.executable} "$@"')

    # The compiler is not on this PATH, so the check itself fails; what counts is who was asked.
    run_setup(folder, path)

    assert (folder / "used").exists()


def test_without_any_python_the_packages_are_named(project: tuple[Path, Path]) -> None:
    said = run_setup(*project)

    assert said.returncode == 1
    assert said.stderr.count("\n") == 1
    assert "no Python 3.11, 3.12 or 3.13 found" in said.stderr
    assert "python3-venv python3-dev gcc" in said.stderr


def test_a_python_that_was_asked_for_and_does_not_fit_is_refused(project: tuple[Path, Path]) -> None:
    folder, path = project
    script(path, "old", "exit 1")

    said = run_setup(folder, path, PYTHON=str(path / "old"))

    assert said.returncode == 1
    assert said.stderr == f"setup: PYTHON={path}/old is not a Python 3.11, 3.12 or 3.13 that runs.\n"


def test_a_missing_compiler_is_named(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "/no/such/cc")

    assert setup.lacks() == "the C compiler '/no/such/cc' is missing or does not work: apt-get install gcc libc6-dev"


def test_missing_headers_are_named(setup: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(setup.sysconfig, "get_path", lambda _: str(tmp_path))

    assert "apt-get install python3-dev" in setup.lacks()


def test_missing_ensurepip_is_named(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)

    assert "apt-get install python3-venv" in setup.lacks()


def test_a_stamp_that_fits_means_nothing_to_do(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # given a .venv that runs, and both stamps
    calls = without_pip(setup, monkeypatch)
    assert setup.prepare("dev") == 0
    calls.clear()
    capsys.readouterr()

    # then neither set asks pip for anything: dev holds all of demo
    assert (setup.prepare("dev"), setup.prepare("demo")) == (0, 0)
    assert calls == []
    assert capsys.readouterr().out == ""


def test_new_requirements_are_installed(setup: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls = without_pip(setup, monkeypatch)
    setup.prepare("dev")
    calls.clear()

    (tmp_path / "requirements" / "dev.txt").write_text("other")
    setup.prepare("dev")

    assert [call for call in calls if "requirements/dev.txt" in call]


def test_what_is_installed_is_hash_checked(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = without_pip(setup, monkeypatch)

    setup.prepare("demo")

    assert all("--require-hashes" in call or "--no-deps" in call for call in calls)
    assert "PyEval_CallObject=PyObject_CallObject" in setup.FLAGS["CPPFLAGS"]


def test_rules_that_do_not_load_are_built_again_and_then_complained_of(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = without_pip(setup, monkeypatch)
    monkeypatch.setattr(setup, "rules_load", lambda: False)
    monkeypatch.setattr(setup, "why_not", lambda: "undefined symbol")

    assert setup.prepare("demo") == 1
    assert any("--no-cache-dir" in call and "--no-binary=durable-rules" in call for call in calls)
    assert "does not load (undefined symbol)" in capsys.readouterr().err


@pytest.mark.parametrize("fault", ["broken", "moved"])
def test_a_venv_that_cannot_be_used_is_made_anew(
    fault: str, setup: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    without_pip(setup, monkeypatch)
    setup.prepare("demo")
    if fault == "broken":
        (tmp_path / ".venv" / "bin" / "python").unlink()
    else:
        (tmp_path / ".venv" / ".parcours-root").write_text("/somewhere/else")

    assert setup.prepare("demo") == 0
    assert "making it anew" in capsys.readouterr().out
    assert setup.usable()


def without_pip(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Let setup call no pip (nor wait for a venv with one), and return what it would have called."""
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(setup, "make_venv", lambda: script(setup.VENV / "bin", "python", f'exec {sys.executable} "$@"'))
    monkeypatch.setattr(setup, "pip", lambda *arguments: calls.append(arguments))
    monkeypatch.setattr(setup, "rules_load", lambda: True)
    return calls


def test_the_wheel_carries_the_starter_workspace_and_works_from_there(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)

    made = subprocess.run(
        [sys.executable, "-c", "from engine.cli.main import main; main()", "init", str(tmp_path / "shop")],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(site)}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    count = sum(1 for folder in ("journeys", "templates") for path in (ROOT / folder).rglob("*") if path.is_file())
    assert made.startswith(f"{count} files in ")
