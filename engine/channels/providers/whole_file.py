"""A file is there whole or not at all: a reader never sees half of one, whoever else writes it."""

from __future__ import annotations

import os
from contextlib import suppress


def write_whole(place: str, text: str) -> None:
    """Write UTF-8 beside the place, then move it there; makes the folder. Raises OSError."""
    folder, name = os.path.split(place)
    half = os.path.join(folder, f".{name}.{os.getpid()}.{os.urandom(4).hex()}")
    data = text.encode("utf-8", "replace")
    try:
        try:
            _write(half, data)
        except FileNotFoundError:
            os.makedirs(folder, exist_ok=True)
            _write(half, data)
        os.replace(half, place)
    except OSError:
        with suppress(OSError):
            os.unlink(half)
        raise


def _write(path: str, data: bytes) -> None:
    with open(path, "wb", buffering=0) as file:
        left = memoryview(data)
        while left:
            left = left[file.write(left) :]
