"""The year's events as a file, written once and kept: the demo reads it again and again."""

from __future__ import annotations

import fcntl
import importlib.metadata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

import msgspec

from engine.model.errors import SetupError
from examples.grocer import events
from examples.grocer.source import PACKAGE, folder

MAKERS = ("baskets.py", "events.py", "feeds.py", "people.py", "shop_time.py", "source.py")


class Mark(msgspec.Struct):
    """What a file of events was made by, how many events are in it, and the SHA-256 of its bytes."""

    made_by: str
    events: int
    content: str


@contextmanager
def alone(kept: Path) -> Iterator[None]:
    """Be the only demo that works in the folder `kept` (made when missing). Raises SetupError."""
    try:
        kept.mkdir(parents=True, exist_ok=True)
        lock = (kept / "lock").open("w")
    except OSError as fault:
        raise SetupError(f"The demo keeps its files in {kept}, which cannot be written: {fault.strerror}.") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SetupError(f"Another demo runs in {kept}: wait until it ends, or stop it.") from None
        yield


def written(file: Path, only: Iterable[int] | None = None) -> tuple[int, bool]:
    """See to it that `file` holds the year (of `only` some households): (events, whether written just now).

    Raises SetupError when the data is not installed or the folder cannot be written.
    """
    mark_file = file.with_suffix(".mark.json")
    households = None if only is None else sorted(only)
    recipe = _recipe(households)
    try:
        mark = msgspec.json.decode(mark_file.read_bytes(), type=Mark)
        if mark.made_by == recipe and mark.content == _content(file):
            return mark.events, False
    except (OSError, msgspec.DecodeError):
        pass  # there is none, or none that can be used
    try:
        count = events.write(file, households)
        mark_file.write_bytes(msgspec.json.encode(Mark(recipe, count, _content(file))))
    except OSError as fault:
        raise SetupError(f"The year's events cannot be written to {file.parent}: {fault.strerror or fault}.") from None
    return count, True


def of_households(file: Path, numbers: Iterable[int]) -> list[dict[str, Any]]:
    """The events of some households, in order."""
    marks = [f'"household":"{number}"'.encode() for number in numbers]
    with file.open("rb") as lines:
        return [msgspec.json.decode(line) for line in lines if any(mark in line for mark in marks)]


def _recipe(households: list[int] | None) -> str:
    """A hash of the code that makes the events, of the data's version and of what is wanted."""
    folder()  # says so when the data is not installed
    here = Path(__file__).parent
    version = importlib.metadata.version(PACKAGE.replace("_", "-"))
    parts = [version, repr(households), *((here / name).read_text() for name in MAKERS)]
    return sha256("\x1f".join(parts).encode()).hexdigest()


def _content(file: Path) -> str:
    with file.open("rb") as data:
        return file_digest(data, "sha256").hexdigest()
