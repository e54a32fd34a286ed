"""Files of decisions: rows of our own (`parcours decisions export`), and impressions from elsewhere.

NDJSON and CSV are read as they are; Parquet by DuckDB, which comes with the extra `report`. `.gz` is unpacked.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Any

import msgspec

from engine.report.decisions.choices import BadRows, Choices

# What a row of a choice has, and what the columns may be called without being named.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "action": ("action", "item_id", "action_id"),
    "reward": ("reward", "click", "accepted"),
    "propensity": ("propensity", "propensity_score", "pscore"),
    "placement": ("placement",),
    "position": ("position",),
    "customer": ("customer", "profile", "user_id"),
    "at": ("at", "timestamp"),
    "context": (),
    "target": ("target",),
}
REQUIRED = ("action", "reward", "propensity")
LEAST = 1e-12
Row = Mapping[str, Any]


def named_columns(text: str) -> dict[str, tuple[str, ...]]:
    """`action=item_id,context=age+sex` as {action: (item_id,), context: (age, sex)}. Raises BadRows."""
    found: dict[str, tuple[str, ...]] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, equals, columns = part.partition("=")
        if not equals or name not in COLUMNS:
            close = get_close_matches(name, COLUMNS, 1)
            hint = f"Did you mean '{close[0]}'?" if close else f"There are {', '.join(COLUMNS)}."
            raise BadRows("--columns", f"'{part}' names no column. Write 'action=item_id'. {hint}")
        found[name] = tuple(each.strip() for each in columns.split("+") if each.strip())
    return found


def rows_of(path: Path) -> Iterator[Row]:
    """The rows of a file, by its ending: .jsonl, .ndjson, .json, .csv, .tsv, .parquet. Raises BadRows."""
    kind = "".join(path.suffixes[-2:]).lower().removesuffix(".gz").rpartition(".")[2]
    if not path.is_file():
        raise BadRows(str(path), "there is no such file")
    if kind == "parquet":
        return _parquet(path)
    if kind in ("csv", "tsv"):
        return _csv(path, "\t" if kind == "tsv" else ",")
    if kind in ("jsonl", "ndjson", "json"):
        return _ndjson(path)
    raise BadRows(str(path), "its name ends in none of .jsonl, .ndjson, .csv, .tsv, .parquet (or these and .gz)")


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked. Raises BadRows when it cannot be opened, or ends or is broken within."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            yield file  # type: ignore[misc]
    except (OSError, EOFError, zlib.error) as fault:
        raise BadRows(str(path), f"it cannot be read: {fault}") from None


def _ndjson(path: Path) -> Iterator[Row]:
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    with _opened(path) as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                try:
                    yield decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError) as fault:
                    raise BadRows(f"{path}:{number}", f"no JSON object stands there ({fault})") from None


def _csv(path: Path, delimiter: str) -> Iterator[Row]:
    with _opened(path) as file:
        reader = csv.reader(io.TextIOWrapper(file, "utf-8-sig", newline=""), delimiter=delimiter)
        try:
            head = next(reader, [])
            for line in reader:
                if len(line) == len(head):
                    yield dict(zip(head, line, strict=True))
                elif line:
                    said = f"{len(line)} fields stand there, and {len(head)} names on the first line"
                    raise BadRows(f"{path}:{reader.line_num}", said)
        except (csv.Error, UnicodeDecodeError) as fault:
            raise BadRows(f"{path}:{reader.line_num}", str(fault)) from None


def _parquet(path: Path) -> Iterator[Row]:
    try:
        import duckdb
    except ImportError:
        raise BadRows(str(path), "Parquet is read by DuckDB: pip install 'parcours[report]'") from None
    with duckdb.connect() as connection:
        try:
            kinds = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
            names = [name for name, *_ in kinds]
            quoted = ((name.replace('"', '""'), kind) for name, kind, *_ in kinds)
            # instants with a zone would need a library more: they are taken as microseconds
            read = [f'epoch_us("{n}") AS "{n}"' if kind.startswith("TIMESTAMP") else f'"{n}"' for n, kind in quoted]
            found = connection.execute(f"SELECT {', '.join(read)} FROM read_parquet(?)", [str(path)])
        except duckdb.Error as fault:
            raise BadRows(str(path), str(fault).splitlines()[0]) from None
        while page := found.fetchmany(10_000):
            for values in page:
                yield dict(zip(names, values, strict=True))


def impressions(rows: Iterator[Row], named: Mapping[str, Sequence[str]], where: str) -> Choices:
    """Choices from elsewhere: one row each, with the probability with which its action was shown.

    They are in the order of `at` where the rows have it, else as they come. Raises BadRows for the first row that is
    none, with its number.
    """
    choices = Choices()
    add, columns, instants = choices.add, dict[str, tuple[str, ...]](), list[Any]()
    for number, row in enumerate(rows, start=1):
        if not columns:
            columns = _columns(row, named, where)
            read, at = _reader(columns), columns["at"]
        try:
            action, reward, propensity, place, customer, context, target = read(row)
            if at:
                instants.append(row[at[0]])
        except (KeyError, TypeError, ValueError) as fault:
            raise BadRows(f"{where}, row {number}", _fault(fault, columns, row)) from None
        if not action:
            raise BadRows(f"{where}, row {number}", f"it does not say its action: '{columns['action'][0]}' is empty")
        if not 0 < propensity <= 1:
            said = f"its propensity is {propensity:g}; it has to be above 0 and at most 1"
            raise BadRows(f"{where}, row {number}", said)
        if propensity < LEAST:
            said = f"its propensity is {propensity:g}: below {LEAST:g} one row would stand for all others"
            raise BadRows(f"{where}, row {number}", said)
        if reward - reward != 0:
            raise BadRows(f"{where}, row {number}", f"its reward is {reward}, which is no number to count with")
        add(action, place, number if customer is None else customer, reward, propensity, context, target)
    try:
        return choices.in_order(instants) if instants else choices
    except TypeError:
        raise BadRows(
            where, f"not all of its '{columns['at'][0]}' can be compared: they are of several kinds"
        ) from None


def _columns(row: Row, named: Mapping[str, Sequence[str]], where: str) -> dict[str, tuple[str, ...]]:
    """Which columns of the file are which."""
    found: dict[str, tuple[str, ...]] = {}
    for name, usual in COLUMNS.items():
        if name in named:
            missing = [each for each in named[name] if each not in row]
            if missing:
                close = get_close_matches(missing[0], row, 1)
                hint = f"Did you mean '{close[0]}'?" if close else f"It has {', '.join(row)}."
                raise BadRows(where, f"there is no column '{missing[0]}'. {hint}")
            found[name] = tuple(named[name])
        else:
            found[name] = tuple(each for each in usual if each in row)[:1]
        if name in REQUIRED and not found[name]:
            raise BadRows(where, f"no column is the {name}. Name it: --columns {name}=COLUMN. It has {', '.join(row)}.")
    return found


def _reader(columns: Mapping[str, tuple[str, ...]]) -> Callable[[Row], tuple[Any, ...]]:
    (action,), (reward,), (propensity,) = (columns[name] for name in REQUIRED)
    contexts = columns["context"]
    placement, position = (columns[name][0] if columns[name] else None for name in ("placement", "position"))
    customer = columns["customer"][0] if columns["customer"] else None
    target = columns["target"][0] if columns["target"] else None
    nan = float("nan")

    def read(row: Row) -> tuple[Any, ...]:
        return (
            str(row[action]),
            float(row[reward]),
            float(row[propensity]),
            ("" if placement is None else str(row[placement]), "" if position is None else str(row[position])),
            None if customer is None else str(row[customer]),
            tuple([str(row[each]) for each in contexts]),
            nan if target is None else float(row[target]),
        )

    return read


def _fault(fault: Exception, columns: Mapping[str, tuple[str, ...]], row: Row) -> str:
    if isinstance(fault, KeyError):
        return f"it has no '{fault.args[0]}'"
    for name in ("reward", "propensity", "target"):
        for column in columns[name]:
            try:
                float(row[column])
            except (TypeError, ValueError):
                return f"its {name} '{column}' is {row[column]!r}, which is no number"
    return str(fault)
