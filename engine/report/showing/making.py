"""Making a report: from an archive and the definitions to measures with their figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from engine.model.errors import SetupError
from engine.model.words import Words
from engine.report.archive.duck import quoted
from engine.report.archive.reading import connect
from engine.report.measures.basis import Basis, window_of
from engine.report.measures.every import MEASURES
from engine.report.measures.measure import Found, Measure, Window

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from engine.model.plan import Plan
    from engine.report.archive.place import Place


@dataclass(frozen=True, slots=True)
class Shown:
    """One measure of a report: what it is, the words that define it, what was found."""

    measure: Measure
    definition: str
    found: Found


@dataclass(frozen=True, slots=True)
class Report:
    """Measures over one window. `shop` is whose they are, `currency` that of its money; `journeys` are those
    that it was limited to, none for all."""

    shop: str
    currency: str
    window: Window
    journeys: tuple[str, ...]
    measures: tuple[Shown, ...]

    @property
    def is_empty(self) -> bool:
        """Whether no measure has found anything."""
        return not any(each.found.tables for each in self.measures)


def chosen(names: Sequence[str]) -> tuple[Measure, ...]:
    """The measures of these names, in their own order; all of them where there are none. Raises ValueError."""
    known = {each.name: each for each in MEASURES}
    for name in names:
        if name not in known:
            raise ValueError(_unknown(Words("'{name}' is no measure", name=name), name, list(known)))
    return tuple(each for each in MEASURES if not names or each.name in names)


def reported(
    place: Place,
    folder: Path,
    plan: Plan,
    *,
    names: Sequence[str] = (),
    since: str = "",
    until: str = "",
    journeys: Sequence[str] = (),
) -> Report:
    """The report of an archive. `folder` keeps copies of what lies in a bucket.

    Raises ValueError for a measure, a journey or a time that is none, SetupError when there is no archive, or
    nothing in the window.
    """
    measures = chosen(names)
    with connect(place, folder) as db:
        window = window_of(db, plan, since, until)
        _something(db, window)
        if journeys:
            _only(db, plan, journeys)
        basis = Basis(db, window, plan)
        found = tuple(Shown(each, each.definition(plan), each.run(basis)) for each in measures)
    brand = plan.brand
    return Report(
        str(brand.get("name") or "Parcours"), str(brand.get("currency") or "EUR"), window, tuple(journeys), found
    )


def _something(db: DuckDBPyConnection, window: Window) -> None:
    """Raises SetupError when nothing lies in the window."""
    from engine.policy.wallclock import iso

    inside = f">= {window.since} AND {{0}} < {window.until}"
    there = db.execute(
        f"SELECT EXISTS (SELECT 1 FROM events WHERE happened {inside.format('happened')}) OR"
        f" EXISTS (SELECT 1 FROM outcomes WHERE decided {inside.format('decided')}) OR"
        f" EXISTS (SELECT 1 FROM decisions WHERE decided {inside.format('decided')})"
    ).fetchone()
    if there is not None and there[0]:
        return
    ends = db.execute("SELECT min(happened), max(happened) FROM events").fetchone()
    if ends is None or ends[0] is None:
        raise SetupError(
            Words(
                "The archive is empty: nothing has happened yet, or nothing has been archived (`parcours archive run`)."
            )
        )
    raise SetupError(
        Words(
            "Nothing happened from {since} to {until}. The archive has what happened from {ends} to {ends2}: "
            "choose another --since or --until.",
            since=iso(window.since),
            until=iso(window.until),
            ends=iso(ends[0]),
            ends2=iso(ends[1]),
        )
    )


def _only(db: DuckDBPyConnection, plan: Plan, journeys: Sequence[str]) -> None:
    """Leave of what the engine did only what it did for these journeys. What customers did stays."""
    there = [row[0] for row in db.execute("SELECT DISTINCT journey FROM outcomes WHERE journey <> ''").fetchall()]
    known = sorted({*plan.journeys, *there})
    for name in journeys:
        if name not in known:
            raise ValueError(_unknown(Words("there is no journey '{name}'", name=name), name, known))
    inside = ", ".join(map(quoted, journeys))
    for table in ("outcomes", "messages", "steps"):
        rest = " OR journey = ''" if table == "outcomes" else ""
        db.execute(f"CREATE TEMP VIEW {table} AS SELECT * FROM memory.main.{table} WHERE journey IN ({inside}){rest}")


def _unknown(said: str, name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, 1)
    hint = (
        Words("Did you mean '{near}'?", near=near[0])
        if near
        else Words("There are: {what}.", what=", ".join(known) or Words("none"))
    )
    return Words("{said}. {hint}", said=said, hint=hint)
