"""What is wrong with a file, where, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a workspace file. Lines and columns count from 1; 0 means 'the file as a whole'."""

    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


NOWHERE = Place()


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of a workspace.

    `width` is how many characters the caret line underlines; `hint` what to write instead;
    `source` the offending line as it stands in the file ('' when there is none).
    """

    place: Place
    message: str
    code: str = "invalid"
    hint: str = ""
    width: int = 1
    source: str = ""

    def __str__(self) -> str:
        where = f"{self.place.file}:{self.place.line}:{self.place.column}" if self.place.line else self.place.file
        return f"{where}: {self.message}" + (f" {self.hint}" if self.hint else "")
