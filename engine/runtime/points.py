"""Named points between two writes, where a test may end the process. In production nobody listens.

Wherever a process can die between two things that belong together, `at` says where it is. The crash suite
kills a real process at each of these names, so a new pair of writes gets a new name.
"""

from __future__ import annotations

from collections.abc import Callable

listener: Callable[[str], None] | None = None  # set by the crash suite, before anything else runs


def at(name: str) -> None:
    """The process has come to this point."""
    if listener is not None:
        listener(name)
