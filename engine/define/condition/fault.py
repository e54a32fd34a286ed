"""How the readers inside this package say 'no', and at which word."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lark import Token


class Fault(Exception):
    """`message` says what is wrong, `hint` what to write, `token` at which word (None: not known yet)."""

    def __init__(self, message: str, hint: str = "", token: Token | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.token = token


@contextmanager
def at(token: Token | None) -> Iterator[None]:
    """A fault raised in here is about `token`, unless it knows better."""
    try:
        yield
    except Fault as fault:
        fault.token = fault.token or token
        raise
