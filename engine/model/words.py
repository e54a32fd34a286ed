"""Sentences that remember what they are made of, so that an edge can say them in another language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self


def N_(text: str) -> str:
    """Marks a text that is translated where it is said."""
    return text


class Words(str):
    """A sentence in English: text like any other, with the `pattern` and the `values` that it was made of.

    `Words("{count:,} entries wait", count=3)` is '3 entries wait'. A pattern without values is taken as it stands,
    braces and all. Values may be sentences themselves; two sentences are one by `+`, whose pattern is ''.
    """

    __slots__ = ("pattern", "values")

    pattern: str
    values: Mapping[str, Any]

    def __new__(cls, pattern: str, /, **values: Any) -> Self:
        made = super().__new__(cls, pattern.format(**values) if values else pattern)
        made.pattern, made.values = pattern, values
        return made

    def __add__(self, other: str) -> Self:
        return self._joined(self, other)

    def __radd__(self, other: str) -> Self:
        return self._joined(other, self)

    @classmethod
    def _joined(cls, one: str, other: str) -> Self:
        made = super().__new__(cls, f"{one!s}{other!s}")
        made.pattern, made.values = "", {"one": one, "other": other}
        return made

    @classmethod
    def named(cls, text: str, pattern: str) -> Self:
        """A name of ours that stays as it is, and that other languages say by the words of `pattern`."""
        made = super().__new__(cls, text)
        made.pattern, made.values = pattern, {}
        return made

    @classmethod
    def joined(cls, between: str, parts: Sequence[str]) -> str:
        """Several sentences as one."""
        made: str = parts[0] if parts else ""
        for each in parts[1:]:
            made = cls._joined(cls._joined(made, between), each)
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (str(self), self.pattern, dict(self.values))


def _again(text: str, pattern: str, values: Mapping[str, Any]) -> Words:
    made = str.__new__(Words, text)
    made.pattern, made.values = pattern, values
    return made
