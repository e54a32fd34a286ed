"""A file is there whole or not at all: a reader never sees half of one, whoever else writes it."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write UTF-8 beside the place, then move it there; makes the folder. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        half.write_text(text, encoding="utf-8", errors="replace", newline="\n")
        half.replace(path)
    except OSError:
        half.unlink(missing_ok=True)
        raise
