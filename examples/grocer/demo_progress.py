"""How far something is: a bar on a terminal, a line for every tenth where the output is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console


@contextmanager
def progress(console: Console, title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Gives a function to be told how much of `total` is done. The lines are the same on every run."""
    if console.is_terminal:
        from rich.progress import Progress

        with Progress(console=console, transient=True) as bar:
            task = bar.add_task(title, total=total)
            yield lambda done: bar.update(task, completed=done)
        return
    told = 0

    def tell(done: int) -> None:
        nonlocal told
        while told < min(10, done * 10 // max(total, 1)):
            told += 1
            console.print(f"  {title}: {told * 10:3} %")
            console.file.flush()

    yield tell
    tell(total)
