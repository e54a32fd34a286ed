"""The year's events as a file, written once and kept: the demo reads it again and again."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable
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


def written(file: Path) -> tuple[int, bool]:
    """See to it that `file` holds the year: (events in it, whether it had to be written now).

    Raises SetupError when the data is not installed or the folder cannot be written.
    """
    mark_file = file.with_suffix(".mark.json")
    recipe = _recipe()
    try:
        mark = msgspec.json.decode(mark_file.read_bytes(), type=Mark)
        if mark.made_by == recipe and mark.content == _content(file):
            return mark.events, False
    except (OSError, msgspec.DecodeError):
        pass  # there is none, or none that can be used
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        count = events.write(file)
        mark_file.write_bytes(msgspec.json.encode(Mark(recipe, count, _content(file))))
    except OSError as fault:
        raise SetupError(f"The year's events cannot be written to {file.parent}: {fault.strerror or fault}.") from None
    return count, True


def of_households(file: Path, numbers: Iterable[int]) -> list[dict[str, Any]]:
    """The events of some households, in order."""
    marks = [f'"household":"{number}"'.encode() for number in numbers]
    with file.open("rb") as lines:
        return [msgspec.json.decode(line) for line in lines if any(mark in line for mark in marks)]


def _recipe() -> str:
    """A hash of the code that makes the events and of the data's version."""
    folder()  # says so when the data is not installed
    here = Path(__file__).parent
    parts = [importlib.metadata.version(PACKAGE.replace("_", "-")), *((here / name).read_text() for name in MAKERS)]
    return sha256("\x1f".join(parts).encode()).hexdigest()


def _content(file: Path) -> str:
    with file.open("rb") as data:
        return file_digest(data, "sha256").hexdigest()
