"""`python -m examples.grocer`: the demo. It leaves nothing running, and needs no terminal.

Where there is none, it ends by itself, unless it is told to stay: `--stay`.
"""

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


def main(home: Path = HOME, only: Iterable[int] | None = None, stay: bool = False) -> int:
    """Exit code 0; 1 when something is missing or virtual and real time differ; 130 after Ctrl-C or SIGTERM.

    `home` is the workspace; `only` some households instead of all; `stay`
    leaves the engine running for whoever opens its console, as in a terminal.
    """
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, emoji=False, width=PLAIN_WIDTH)
    signal.signal(signal.SIGTERM, _stop)
    try:
        return demo(console, home, only, stay)
    except ParcoursError as fault:
        print(f"demo: {fault.sentence()}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndemo: stopped; nothing is left running.", file=sys.stderr)
        return 130


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(main(stay="--stay" in sys.argv[1:]))
