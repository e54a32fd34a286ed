"""The README as its reader meets it: every file is written, every command run, every answer compared."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.unit.docs.pages import ROOT, Block, blocks

PORT = "8750"
UP_SECONDS = 60.0
MOMENT_SECONDS = 30.0


class Terminal:
    """A shell that remembers its folder from block to block."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("PARCOURS_")}
        self.env |= {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PARCOURS_API_PORT": str(port),
            "PYTHONUTF8": "1",
            "COLUMNS": "80",
        }

    def run(self, block: Block) -> str:
        """What the block prints; its last folder is kept."""
        text = block.text.replace(PORT, str(self.port))
        kept = self.folder / ".folder"
        script = f"set -e\n{text}\npwd > {kept}\n"
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, env=self.env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{block.place}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
        self.folder = Path(kept.read_text().strip())
        kept.unlink()
        return done.stdout

    @contextmanager
    def up(self) -> Iterator[None]:
        """`parcours up` in another terminal, until the block ends."""
        lines: list[str] = []
        command = [str(Path(sys.executable).parent / "parcours"), "up"]
        with subprocess.Popen(
            command, cwd=self.folder, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            assert process.stdout is not None
            reader = threading.Thread(target=lines.extend, args=(process.stdout,), daemon=True)
            reader.start()
            try:
                until = time.monotonic() + UP_SECONDS
                while not any("Parcours is up" in line for line in lines):
                    assert process.poll() is None, "parcours up has ended: " + "".join(lines)
                    assert time.monotonic() < until, "parcours up is not up yet: " + "".join(lines)
                    time.sleep(0.1)
                yield
            finally:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    raise
                reader.join(5)
        assert process.returncode in (0, 130), "".join(lines)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def same(text: str) -> str:
    """Text without what differs from run to run: how long it took, the ends of lines."""
    text = re.sub(r"\bin \d+\.\d+ s\b", "in N s", text)
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def write(folder: Path, block: Block) -> None:
    """A block that is a file, or goes into one."""
    if name := block.named("file"):
        assert not (folder / name).exists()
        (folder / name).write_text(block.text, "utf-8")
    elif name := block.named("append"):
        (folder / name).write_text((folder / name).read_text("utf-8") + block.text, "utf-8")
    elif name := block.named("insert"):
        before, line, after = (folder / name).read_text("utf-8").partition("  events:\n")
        assert line, f"{block.place}: {name} has no line 'events:'"
        (folder / name).write_text(before + line + block.text + after, "utf-8")


def tutorial() -> list[Block]:
    return [block for block in blocks(ROOT / "README.md") if block.info != "skip"]


def walk(terminal: Terminal, todo: list[Block]) -> None:
    """Do what the blocks say, and compare each `text` with what the command before it printed."""
    said = ""
    for number, block in enumerate(todo):
        following = todo[number + 1] if number + 1 < len(todo) else None
        if block.language == "sh" and block.info == "up":
            with terminal.up():
                walk(terminal, todo[number + 1 :])
            return
        if block.language == "sh" and block.info == "retry":
            assert following is not None
            said = patiently(terminal, block, same(following.text))
        elif block.language == "sh":
            said = terminal.run(block)
        elif block.language == "text" and block.info == "end":  # of a longer answer
            assert same(said).endswith("\n" + same(block.text)), block.place
        elif block.language == "text" and not block.info:
            assert same(said) == same(block.text), block.place
        else:
            write(terminal.folder, block)


def patiently(terminal: Terminal, block: Block, wanted: str) -> str:
    """Run a block until it prints what is wanted, or the moment is over."""
    until = time.monotonic() + MOMENT_SECONDS
    while True:
        try:
            said = terminal.run(block)
        except AssertionError as fault:
            said = str(fault)
        if same(said) == wanted or time.monotonic() > until:
            return said
        time.sleep(0.2)


def test_the_tutorial_up_to_virtual_time(tmp_path: Path) -> None:
    todo = tutorial()
    end = next(number for number, block in enumerate(todo) if block.info == "up")
    terminal = Terminal(tmp_path, free_port())

    walk(terminal, todo[:end])

    assert terminal.folder == tmp_path / "shop"


def test_what_a_mistake_looks_like(tmp_path: Path) -> None:
    todo = tutorial()
    (mistake,) = (block for block in todo if block.info == "mistake")
    end = next(number for number, block in enumerate(todo) if block.named("append"))
    terminal = Terminal(tmp_path, free_port())
    walk(terminal, todo[: end + 1])
    journey = terminal.folder / "journeys/my_first.yaml"
    text = journey.read_text()
    for right, wrong in (("goal: repair_collected", "goal: repair_colected"), ("wait: 2d", "wiat: 2d")):
        assert right in text
        text = text.replace(right, wrong)
    journey.write_text(text)

    done = subprocess.run(["parcours", "check"], cwd=terminal.folder, env=terminal.env, capture_output=True, text=True)

    assert done.returncode == 1
    assert same(done.stdout) == same(mistake.text)


@pytest.mark.slow
@pytest.mark.timeout(240)  # it starts everything there is, on machines that others share
def test_the_whole_tutorial_with_everything_running(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("the tutorial uses curl")
    terminal = Terminal(tmp_path, free_port())
    todo = tutorial()
    (again,) = (block for block in todo if block.language == "sh" and block.text.startswith("curl"))

    end = max(number for number, block in enumerate(todo) if block.info == "retry") + 2
    # "send the same event again": as the README says below it
    duplicate = Block(again.page, again.line, "text", "", '{"id":"ready-A8","status":"duplicate"}\n')
    walk(terminal, [*todo[:end], again, duplicate])

    assert (terminal.folder / ".parcours").is_dir()
    assert len(list((terminal.folder / "outbox").glob("*/*-sms-my_first-*.txt"))) == 1
