"""Voucher codes as they are handed in: what may be one."""

from __future__ import annotations

import csv

LONGEST = 100  # characters


def read_codes(text: str) -> list[str]:
    """One code a line, or the first column of a .csv; blank lines and lines that begin with # are nothing.

    Raises ValueError, with the number of the line.
    """
    found = []
    for number, row in enumerate(csv.reader(text.splitlines()), 1):
        code = row[0].strip() if row else ""
        if code and not code.startswith("#"):
            found.append(checked(code, f"line {number}"))
    return found


def checked(code: object, where: str) -> str:
    """A code that a customer can read and type. Raises ValueError."""
    if not isinstance(code, str) or not code.strip():
        raise ValueError(f"{where}: a code is a text")
    if len(code) > LONGEST or not code.isprintable() or code != code.strip():
        raise ValueError(f"{where}: a code has up to {LONGEST} characters, and nothing that cannot be seen")
    return code
