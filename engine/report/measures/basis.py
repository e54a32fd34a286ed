"""What all measures are made from: the archive's database, the window, and what the workspace says of its reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.report.measures.measure import Window

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from engine.model.plan import Plan


@dataclass(frozen=True, slots=True)
class Basis:
    """`db` has the archive's views (see archive.reading), `plan` the definitions that the report goes by."""

    db: DuckDBPyConnection
    window: Window
    plan: Plan
