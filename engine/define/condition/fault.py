"""How the readers inside this package say 'no' before a place in a file is known."""

from __future__ import annotations


class Fault(Exception):
    """`message` says what is wrong, `hint` what to write; the caller knows the token and adds the place."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
