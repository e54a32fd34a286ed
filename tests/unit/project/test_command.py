"""The `parcours` command: loads only what it runs, and words every fault."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from engine import __version__
from engine.cli import main as cli
from engine.cli.init import copy_starter
from engine.cli.main import COMMANDS, main
from engine.model.errors import DefinitionError, SetupError
from engine.model.problem import Place, Problem


def commands() -> list[str]:
    return [name for name in COMMANDS if cli.LazyGroup._exists(name)]


@pytest.mark.parametrize("name", commands())
def test_every_command_explains_itself(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])

    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")


def test_every_command_file_is_in_the_table() -> None:
    files = {path.stem for path in Path(cli.__file__).parent.glob("*.py") if "\ndef command(" in path.read_text()}

    assert "init" in files
    assert {f"engine.cli.{file}:command" for file in files} <= {where for where, _ in COMMANDS.values()}


def test_the_help_lists_the_commands_and_loads_none_of_them() -> None:
    code = "import sys; from engine.cli.main import main; main(['--help'], standalone_mode=False); print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert "init  " in said
    loaded = set(said.splitlines()[-1].split())
    assert not {"celery", "redis", "jinja2", "pydantic", "yaml", "engine.cli.init"} & loaded


def test_two_ways_to_go_on_are_none() -> None:
    result = CliRunner().invoke(main, ["resume", "welcome", "--shift", "--expire"])

    assert result.exit_code == 2
    assert "Say one way, not --shift and --expire." in result.output


def test_a_file_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    result = CliRunner().invoke(main, ["schema", str(tmp_path), "--out", str(tmp_path / "file" / "under")])

    assert result.exit_code == 1
    assert result.output == f"Error: {tmp_path}/file/under cannot be used: Not a directory.\n"


def test_the_version() -> None:
    assert CliRunner().invoke(main, ["--version"]).output == f"parcours {__version__}\n"


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("inti", "'inti' is not a command. Did you mean 'init'?"), ("zzz", "See 'parcours --help'.")],
)
def test_an_unknown_command_is_answered_with_the_nearest(typed: str, answer: str) -> None:
    result = CliRunner().invoke(main, [typed])

    assert result.exit_code == 2
    assert answer in result.output


def test_a_known_fault_is_one_message_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run_raising(SetupError("No Redis. Install one."), monkeypatch)

    assert (result.exit_code, result.output) == (1, "Error: No Redis. Install one.\n")


def test_all_problems_of_a_workspace_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    problems = [Problem(Place("a.yaml", line, 1), "wrong") for line in range(1, 6)]

    result = run_raising(DefinitionError(problems), monkeypatch)

    assert result.exit_code == 1
    assert [f"a.yaml:{line}:1: wrong" in result.output for line in range(1, 6)] == [True] * 5


def test_a_fault_of_ours_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(run_raising(ZeroDivisionError(), monkeypatch).exception, ZeroDivisionError)


def test_init_makes_a_workspace_and_says_what_to_type_next(tmp_path: Path) -> None:
    target = tmp_path / "our shop"

    result = CliRunner().invoke(main, ["init", str(target)])

    assert result.exit_code == 0
    assert list((target / "journeys").rglob("*.yaml"))
    assert list((target / "templates").rglob("*.j2"))
    assert result.output.endswith(f"  cd '{target}'\n  parcours check\n  parcours up\n")


def test_init_overwrites_nothing_and_lists_what_is_in_the_way(tmp_path: Path) -> None:
    mine = tmp_path / copy_starter(tmp_path / "other")[0]
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_text("mine")

    result = CliRunner().invoke(main, ["init", str(tmp_path)])

    assert result.exit_code == 1
    assert str(mine.relative_to(tmp_path)) in result.output
    assert mine.read_text() == "mine"
    assert [path for path in (tmp_path / "journeys").rglob("*") if path.is_file()] == [mine]


def run_raising(error: Exception, monkeypatch: pytest.MonkeyPatch) -> click.testing.Result:
    """What `parcours init` says when this comes up inside it."""

    @click.command()
    def command() -> None:
        raise error

    monkeypatch.setattr("engine.cli.init.command", command)
    return CliRunner().invoke(main, ["init"])
