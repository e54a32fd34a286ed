"""A till: it listens to its store's prompts over HTTP, as a tablet does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import httpx


@dataclass
class Told:
    """One server-sent event; `kind` is '' for one that only says where the till stands."""

    id: str = ""
    kind: str = ""
    data: dict[str, Any] = field(default_factory=dict)


class Till:
    """An open stream of one store."""

    def __init__(self, url: str, store: str, headers: dict[str, str], after: str = "") -> None:
        self._stack = ExitStack()
        given = headers | ({"Last-Event-ID": after} if after else {})
        self.answer = self._stack.enter_context(
            httpx.stream("GET", f"{url}/v1/stores/{store}/prompts", headers=given, timeout=20)
        )
        self._lines = self.answer.iter_lines()
        self._told = self._read(self._lines)

    def next(self) -> Told:
        return next(self._told)

    def _read(self, lines: Iterator[str]) -> Iterator[Told]:
        told = Told()
        for line in lines:
            name, _, value = line.partition(": ")
            if name == "id":
                told.id = value
            elif name == "event":
                told.kind = value
            elif name == "data":
                told.data = json.loads(value)
            elif not line and told.id:
                yield told
                told = Told()

    def __enter__(self) -> Till:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
