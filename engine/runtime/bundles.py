"""Many calls of one function in a few commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.runtime.blob import pack
from engine.runtime.lua import function

MANY = 50  # calls at most that Redis does without serving anybody else: a millisecond or two
Call = tuple[Sequence[str], Sequence[Any]]  # keys and arguments of a function


def bundles(name: str, wanted: Sequence[Call]) -> Iterator[tuple[Any, ...]]:
    """The commands by which one server calls one function for many things, in order; each answers with a list."""
    for first in range(0, len(wanted), MANY):
        part = wanted[first : first + MANY]
        names = [key for keys_, _ in part for key in keys_]
        sizes = [size for keys_, arguments in part for size in (len(keys_), len(arguments))]
        arguments = [argument for _, each in part for argument in each]
        yield ("FCALL", function("many"), len(names), *names, name, pack(sizes), *arguments)
