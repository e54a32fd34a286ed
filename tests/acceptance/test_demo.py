"""The demo of the grocer example: complete, the same on every run, and true to the real engine."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import examples.grocer
from engine.model.errors import SetupError
from engine.model.record import Record
from engine.runtime.store import Store
from engine.testing.run import until_instant
from examples.grocer import demo_year
from examples.grocer.demo_households import STORY, chosen, lessons
from examples.grocer.demo_progress import progress
from examples.grocer.demo_story import sentence, story
from examples.grocer.events import events
from examples.grocer.live_compare import files_apart, records_apart
from examples.grocer.live_engine import installation

HOME = Path(examples.grocer.__file__).parent
ROOT = HOME.parent.parent
FEW = [1208, 843]  # held, no channel, held out, goals, all channels: little work, much to see
RUN = """
import signal
import sys
from pathlib import Path
from typing import Any
from examples.grocer.__main__ import main
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what runs in its background ignore it
sys.exit(main(Path(sys.argv[1]), [int(each) for each in sys.argv[2:]]))
"""


def workspace(folder: Path) -> Path:
    """The example's workspace, in another folder."""
    for name in ("journeys", "templates"):
        shutil.copytree(HOME / name, folder / name)
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return workspace(tmp_path)


def start(home: Path) -> subprocess.Popen[str]:
    """The demo with few households, as `make demo` runs it: no terminal, no input."""
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(home), *map(str, FEW)],
        cwd=ROOT,
        env={**os.environ, "CI": "true"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def left_running(home: Path) -> list[str]:
    """The command lines of processes that work for this workspace."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
        except OSError:
            continue  # it has just ended, or is somebody else's
        if str(home).encode() in words and int(process.name) != os.getpid():
            found.append((process / "cmdline").read_text().replace("\0", " "))
    return found


def but_the_times(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("Time taken")]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A demo that ran to its end: its workspace, and what it printed."""
    home = workspace(tmp_path_factory.mktemp("whole"))
    run = start(home)
    text = run.communicate(timeout=110)[0]
    assert run.returncode == 0, text
    return home, text


@pytest.mark.slow
def test_the_demo_ends_by_itself_and_shows_that_real_and_virtual_agree(whole: tuple[Path, str]) -> None:
    # given a demo without a terminal
    home, text = whole
    # then both parts are there, in order
    order = ["virtual time", "the year: 100 %", "Messages that left", "not sent: holdout", "by the shop's clock"]
    order += ["win_back is over, its goal reached", "real engine", "live: 100 %", "the same as in virtual time"]
    assert [words for words in order if words not in text] == []
    assert sorted(order, key=text.index) == order
    assert "Household 1208: 34 baskets. We call it Nina, and let it agree to push and text messages" in text
    # and there is a page to open, and a file for each message that is none for the shop
    assert len(list((home / "outbox").glob("*-*-*/*"))) == 5
    assert "welcome_hint" in (home / "outbox" / "index.html").read_text()
    # and nothing is left running
    if sys.platform == "linux":
        assert left_running(home) == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_whatever_ends_the_demo_ends_all_its_programs(
    home: Path, number: signal.Signals, whole: tuple[Path, str]
) -> None:
    # given a demo whose engine takes in events
    run = start(home)
    assert run.stdout is not None
    printed = []
    for line in run.stdout:
        printed.append(line)
        if "live:  10 %" in line:
            break
    # which has said so far what any other says
    so_far = but_the_times("".join(printed))
    assert len(so_far) > 30
    assert so_far == but_the_times(whole[1])[: len(so_far)]
    assert len(left_running(home)) > 5

    # when somebody ends it
    run.send_signal(number)
    run.communicate(timeout=60)

    # then all its programs end as well
    assert run.returncode == (130 if number == signal.SIGINT else -number)
    until = time.monotonic() + 40
    while left_running(home) and time.monotonic() < until:
        time.sleep(0.2)
    assert left_running(home) == []


def test_two_demos_do_not_get_into_each_other_s_way(tmp_path: Path) -> None:
    with demo_year.alone(tmp_path), pytest.raises(SetupError, match="Another demo runs in"), demo_year.alone(tmp_path):
        pytest.fail("a second demo began")


def test_a_redis_that_holds_something_is_left_alone(
    home: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a Redis with somebody's data, and messages of an earlier demo
    store = Store(redis_url)
    store.redis.set("theirs", "1")
    kept = home / "outbox" / "2017-01-01" / "message.txt"
    kept.parent.mkdir(parents=True)
    kept.touch()
    # when the demo is told to use it
    monkeypatch.setenv("PARCOURS_REDIS_URL", redis_url)
    with pytest.raises(SetupError, match="needs an empty Redis"), installation(home, home):
        pytest.fail("it began")
    # then nothing was touched
    assert store.redis.keys() == [b"theirs"]
    assert kept.exists()
    store.close()


def test_the_year_is_written_once_and_again_when_it_is_damaged(tmp_path: Path) -> None:
    file = tmp_path / "year.jsonl"
    # given a year that was written
    count, new = demo_year.written(file, FEW)
    assert new
    assert count == len(file.read_text().splitlines())
    whole = file.read_bytes()
    # then it is kept,
    assert demo_year.written(file, FEW) == (count, False)
    # written again when a line is missing or other households are wanted
    file.write_bytes(whole[: whole.index(b"\n") + 1])
    assert demo_year.written(file, FEW) == (count, True)
    assert file.read_bytes() == whole
    assert demo_year.written(file, FEW[:1])[1]
    # and a household's events can be found in it
    assert {each["profile"]["household"] for each in demo_year.of_households(file, FEW)} == {"1208"}


@pytest.mark.parametrize("steps", [[100], [7, 33, 34, 99], list(range(0, 101, 5)), []])
def test_progress_says_the_same_whatever_the_rhythm(steps: list[int]) -> None:
    out = io.StringIO()
    with progress(Console(file=out, width=80), "the year", 100) as told:
        for step in steps:
            told(step)
    assert out.getvalue().split() == [word for n in range(10, 101, 10) for word in ("the", "year:", str(n), "%")]


def record(kind: Any, at: int = 0, **more: Any) -> Record:
    return Record(at=at, profile="c1", kind=kind, label="household:7", **more)


def test_the_story_is_of_who_shows_most_and_the_others_add_to_it() -> None:
    # given one with a short and rich year, one with nothing new, one with a refusal, one whose year is too long to tell
    rich = [record("sent", message="m", channel="push"), record("held", reason="quiet_hours: x")]
    other = [record("refused", reason="cap: 1 of 1")]
    year = {"household:1": rich[:1], "household:30": other, "household:4": rich, "household:5": (rich + other) * STORY}
    # then
    assert chosen(year) == ["household:4", "household:30"]
    assert lessons(other) == {("refused", "cap")}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (record("started", journey="welcome", place="journeys/welcome.yaml:6"), "welcome starts.  [journeys/welcome"),
        (record("sent", message="hello", channel="sms"), "The message hello leaves by text message."),
        (
            record("held", message="hello", channel="push", until=1_486_040_400_000, reason="quiet_hours: 21:00-08:00"),
            "hello by push is held until Thu 02 Feb 08:00: quiet hours, 21:00-08:00.",
        ),
        (record("refused", message="hello", reason="cap: 1 of 1 per day"), "not sent (refused): cap, 1 of 1 per day."),
        (record("expired", message="hello", reason="time_to_live: 48h"), "not sent (expired): time to live, 48h."),
        (record("cancelled", message="hello", reason="goal: bought"), "held, is not sent any more: goal, bought."),
        (record("held_out", message="hello"), "hello is kept back"),
        (record("ended", journey="welcome", reason="goal: bought"), "welcome is over, its goal reached: bought."),
        (record("ended", journey="welcome", reason="completed"), "welcome is over."),
        (record("ended", journey="welcome", reason="stop: enough"), "welcome is over: enough."),
        (record("ended", journey="welcome", reason="killed"), "welcome is over: killed."),
    ],
)
def test_each_record_is_a_sentence(told: Record, words: str) -> None:
    assert words in sentence(told)


def test_a_story_is_of_one_household_and_names_what_set_things_off() -> None:
    # given the events of two households
    year = list(events(FEW))
    at = until_instant("2017-02-01T05:00:39Z")
    # when the story of one is told, with a journey that its first basket began
    told = list(
        story(
            1208,
            [record("started", at, journey="welcome"), record("ended", at, journey="welcome", reason="completed")],
            year,
        )
    )
    # then
    assert told == [
        "Household 1208: 34 baskets. We call it Nina, and let it agree to push and text messages: both made up.",
        "Wed 01 Feb 00:00  A basket: 5 items, $13.28.",
        "                  welcome starts.",
        "                  welcome is over.",
    ]


def test_every_difference_between_real_and_virtual_is_named(tmp_path: Path) -> None:
    # given two logs, one of them with a message a millisecond late
    virtual = [record("started", 5), record("sent", 5, message="hello", channel="sms")]
    assert records_apart(virtual, reversed(virtual)) == []
    late = [virtual[0], record("sent", 6, message="hello", channel="sms")]
    # then
    apart = records_apart(virtual, late)
    assert [line.partition(":")[0] for line in apart] == ["only in virtual time", "only in the real engine"]
    # and one that came twice is a difference, too
    assert len(records_apart(virtual, [*virtual, virtual[1]])) == 1

    # given two folders
    for name, text in {
        "a/2017-01-01/x": "1",
        "a/2017-01-01/y": "1",
        "b/2017-01-01/y": "2",
        "b/2017-01-01/z": "1",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    # then
    assert files_apart(tmp_path / "a", tmp_path / "a") == []
    assert files_apart(tmp_path / "a", tmp_path / "b") == [
        "only in virtual time: 2017-01-01/x",
        "only in the real engine: 2017-01-01/z",
        "not the same: 2017-01-01/y",
    ]
