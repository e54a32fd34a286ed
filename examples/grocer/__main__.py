"""`python -m examples.grocer`: the demo. It ends by itself, leaves nothing running, and needs no terminal."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from types import FrameType

from rich.console import Console

from engine.model.errors import ParcoursError
from examples.grocer.demo import HOME, demo

PLAIN_WIDTH = 110  # where no terminal says how wide it is, every run is to print the same


def main(home: Path = HOME, only: Iterable[int] | None = None) -> int:
    """Exit code 0; 1 when something is missing or virtual and real time differ; 130 after Ctrl-C or SIGTERM.

    `home` is the workspace; `only` some households instead of all.
    """
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, emoji=False, width=PLAIN_WIDTH)
    signal.signal(signal.SIGTERM, _stop)
    try:
        return demo(console, home, only)
    except ParcoursError as fault:
        print(f"demo: {fault.sentence()}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndemo: stopped; nothing is left running.", file=sys.stderr)
        return 130


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(main())
