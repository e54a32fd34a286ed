"""A lock that ends with its process, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

from engine.model.errors import SetupError


class FileLock:
    """Holds an exclusive lock on a file while it lasts. Raises SetupError(`taken`) when another process has it,
    or with the reason when the file cannot be made."""

    def __init__(self, file: Path, taken: str) -> None:
        self._file, self._taken = file, taken
        self._held = -1

    def __enter__(self) -> FileLock:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            # not inherited: a child that outlives this process must not keep the lock
            self._held = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as fault:
            raise SetupError(f"{self._file} cannot be written ({fault.strerror}). Set PARCOURS_STATE_DIR.") from None
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._held)
            raise SetupError(self._taken) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._held)
