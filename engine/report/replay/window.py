"""What is needed of an archive, taken out of it once: entries and outcomes by groups of customers, in files that
several processes can read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.model.errors import SetupError
from engine.model.words import Words
from engine.policy.wallclock import iso
from engine.report.archive.duck import quoted
from engine.report.archive.past import INPUTS
from engine.report.replay.groups import Groups
from engine.report.replay.line import COLUMNS
from engine.runtime.erasure import gravestone

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PAGE = 10_000
Row = tuple[Any, ...]
# Rows of those who were erased may still be there for a moment.
STILL_THERE = "(gone.until IS NULL OR logged > gone.until)"


@dataclass(frozen=True, slots=True)
class Window:
    """[since, until] in epoch ms of engine time, within what the archive has; `events` that were decided about in
    it, `stopped` what operators and providers had stopped: (from when on, as the log keeps it)."""

    since: int
    until: int
    events: int
    stopped: list[tuple[int, str | None]]


def window(db: DuckDBPyConnection, since: int, until: int | None) -> Window:
    """Raises SetupError when nothing is archived of that time."""
    found = db.execute(
        "SELECT min(decided), max(decided) FROM (SELECT decided FROM events UNION ALL SELECT decided FROM commands)"
    ).fetchone()
    if found is None or found[0] is None:
        raise SetupError(Words("The archive has no entry yet: there is nothing to replay."))
    first, last = found
    if since > last:
        raise SetupError(
            Words(
                "The archive ends at {last}, and the replay was to begin at {since}.", last=iso(last), since=iso(since)
            )
        )
    stop = last if until is None else until
    if stop < max(since, first):
        raise SetupError(
            Words(
                "Nothing lies between {since}, where the replay begins, and {stop}.",
                since=iso(max(since, first)),
                stop=iso(stop),
            )
        )
    count = db.execute(f"SELECT count(*) FROM events WHERE decided BETWEEN {since} AND {stop}").fetchone()
    return Window(max(since, first), stop, count[0] if count else 0, _stopped(db))


def _stopped(db: DuckDBPyConnection) -> list[tuple[int, str | None]]:
    """When what was stopped changed, and what was stopped from then on. An operator's word counts from when it was
    said, which may be long before something was decided by it."""
    both = "SELECT decided, logged, shard, n, stopped FROM {}"
    rows = f"{both.format('events')} UNION ALL {both.format('commands')}"
    if db.execute(f"SELECT 1 FROM ({rows}) WHERE stopped IS NOT NULL LIMIT 1").fetchone() is None:
        return []
    changes = db.execute(
        f"SELECT decided, stopped FROM ({rows}) "
        "QUALIFY stopped IS DISTINCT FROM lag(stopped) OVER (ORDER BY logged, shard, n) ORDER BY logged, shard, n"
    ).fetchall()
    words = "SELECT decided FROM audit WHERE what IN ('pause', 'kill', 'resume') ORDER BY decided"
    said = [at for (at,) in db.execute(words).fetchall()]
    found: list[tuple[int, str | None]] = []
    for at, stopped in changes:
        word = bisect_right(said, at) - 1
        since = said[word] if word >= 0 and (not found or said[word] > found[-1][0]) else at
        found.append((since, stopped))
    return found


# What is compared; an event that the engine failed on then was set aside, and is in neither world.
OUTCOMES = (
    f"SELECT segment, shard, logged, n, place, {COLUMNS} FROM outcomes "
    "WHERE kind <> 'set_aside' OR rule <> 'decision_fault'"
)


def cut(db: DuckDBPyConnection, found: Window, groups: Groups, folder: Path, parts: int, only: str = "") -> list[int]:
    """Write what is to be replayed to `folder`, in up to `parts` parts, `only` one group when it is named; the parts
    that hold something. Nobody who was erased is in them: see `leave_out_erased`."""
    _fill(db, "grouped (profile VARCHAR, grp VARCHAR)", groups.pairs())
    group = "coalesce(grp, profile)"
    for name, rows in (("inputs", INPUTS), ("outcomes", OUTCOMES)):
        wanted = (
            f"SELECT each.*, {group} AS grp, CAST(hash({group}) % {parts} AS INTEGER) AS part FROM ({rows}) AS each "
            "LEFT JOIN grouped USING (profile) LEFT JOIN gone USING (profile) "
            f"WHERE profile <> '' AND decided <= {found.until} AND {STILL_THERE}"
        )
        if name == "outcomes":
            wanted += f" AND decided >= {found.since}"
        if only:
            wanted += f" AND {group} = {quoted(only)}"
        db.execute(f"COPY ({wanted}) TO {quoted(folder / name)} (FORMAT parquet, PARTITION_BY (part))")
    return sorted(int(each.name.partition("=")[2]) for each in (folder / "inputs").glob("part=*"))


def _fill(db: DuckDBPyConnection, table: str, rows: list[tuple[Any, ...]]) -> None:
    db.execute(f"CREATE OR REPLACE TEMP TABLE {table}")
    if rows:
        columns = [list(each) for each in zip(*rows, strict=True)]
        db.execute(f"INSERT INTO {table.partition(' ')[0]} SELECT unnest(?), unnest(?)", columns)


def leave_out_erased(db: DuckDBPyConnection) -> None:
    """Note in a table `gone` who was erased, and up to when: STILL_THERE goes by that."""
    asked = "SELECT id, max(logged) FROM commands WHERE command = 'erase' AND id <> '' GROUP BY id"
    stones = dict(db.execute(asked).fetchall())
    everybody = "SELECT DISTINCT profile FROM events UNION SELECT DISTINCT profile FROM commands"
    people = db.execute(everybody).fetchall() if stones else []
    found = [(name, stones[stone]) for (name,) in people if (stone := gravestone(name)) in stones]
    _fill(db, "gone (profile VARCHAR, until BIGINT)", found)


def read(db: DuckDBPyConnection, folder: Path, part: int) -> Iterator[tuple[list[Row], list[Row]]]:
    """The groups of one part: rows of INPUTS, rows of COLUMNS; each in the order in which things happened."""
    made: Iterator[tuple[str, list[Row]]] = iter(())
    if (folder / "outcomes" / f"part={part}").is_dir():
        made = _by_group(db.cursor(), f"{COLUMNS}, grp", folder / "outcomes" / f"part={part}")
    ahead = next(made, None)
    for group, rows in _by_group(db.cursor(), "*", folder / "inputs" / f"part={part}"):
        while ahead is not None and ahead[0] < group:
            ahead = next(made, None)
        theirs: list[Row] = []
        if ahead is not None and ahead[0] == group:
            theirs, ahead = ahead[1], next(made, None)
        yield rows, theirs


def _by_group(cursor: DuckDBPyConnection, columns: str, files: Path) -> Iterator[tuple[str, list[Row]]]:
    given = f"read_parquet({quoted(files / '*.parquet')}, hive_partitioning = false)"
    cursor.execute(f"SELECT {columns} FROM {given} ORDER BY grp, logged, shard, segment, n, place")
    group, found = "", list[Row]()
    while page := cursor.fetchmany(PAGE):
        for row in page:
            if row[-1] != group:
                if found:
                    yield group, found
                group, found = row[-1], []
            found.append(row)
    if found:
        yield group, found
