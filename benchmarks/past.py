"""An archive of a past that never was: so many rows of a shop's days, made in a moment and always the same."""

from __future__ import annotations

import tempfile
from pathlib import Path

from engine.report.archive.compact import file_of
from engine.report.archive.duck import duck, quoted
from engine.report.archive.manifest import Manifest, put_manifest
from engine.report.archive.place import Place
from engine.report.archive.tables import TABLES, Table

START = 1_735_689_600_000  # 2025-01-01
DAY = 86_400_000
# Of all rows, how many are in which table.
SHARES = {"events": 0.45, "commands": 0.15, "outcomes": 0.3, "steps": 0.1}
# How a column comes from the number of its row (`i`); what is not here is empty.
_PICK = "list_extract({0}, 1 + CAST(hash({1} || i) % len({0}) AS INTEGER))"


def _one_of(name: str, *values: str) -> str:
    listed = "[" + ", ".join(map(quoted, values)) + "]"
    return _PICK.format(listed, quoted(name))


COMMON = {
    "segment": "1",
    "shard": "CAST(customer % 256 AS SMALLINT)",
    "logged": "instant",
    "n": "0",
    "place": "0",
    "decided": "instant",
    "profile": "printf('c%024d', customer)",
    "plan": "'16d0920000fd1cdf'",
}
# A basket, an order, a question and a survey of one customer are the same for some events, so that they meet.
_EVENT = """printf('{"total":%.2f,"margin":%.2f,"order_id":"o%d","basket_id":"b%d","case_id":"k%d","score":%d,'
    '"survey":"%s","amount":%.2f,"sku":"p%d"}', hash('total' || i) % 20000 / 100.0, hash('margin' || i) % 4000 / 100.0,
    i, customer * 64 + hash('basket' || i) % 8, customer * 64 + hash('case' || i) % 4, hash('score' || i) % 11,
    list_extract(['nps', 'visit', 'delivery', 'effort'], 1 + CAST(hash('survey' || i) % 4 AS INTEGER)),
    hash('amount' || i) % 5000 / 100.0, hash('sku' || i) % 500)"""
OF_TABLE = {
    "events": {
        "event": _one_of(
            "event",
            *(
                "order_placed",
                "product_viewed",
                "product_viewed",
                "basket_updated",
                "basket_updated",
                "delivered",
                "clicked",
            ),
            *("case_opened", "case_answered", "survey_answered", "order_collected", "refund_paid"),
        ),
        "id": "'e' || i",
        "happened": "instant",
        "received": "instant",
        "channel": _one_of("channel", "web", "app", "store", "phone", "web", "web"),
        "depth": "0",
        "dead": "false",
        "properties": _EVENT,
    },
    "commands": {
        "command": _one_of("command", "wake", "leave", "settle"),
        "id": "printf('m%026d', i)",
        "given": "'[]'",
    },
    "outcomes": {
        "kind": _one_of("kind", "started", "sent", "sent", "held", "refused", "ended"),
        "journey": _one_of("journey", "welcome", "abandoned_basket", "win_back", "birthday"),
        "version": "'24fad6523ff2'",
        "step": _one_of("step", "send:first", "send:last"),
        "id": "printf('m%026d', i)",
        "message": _one_of("message", "first", "last"),
        "channel": _one_of("by", "email", "push", "sms", "store"),
        "purpose": "'marketing'",
        "rule": _one_of("rule", "quiet_hours", "cap", "consent", "goal", "completed"),
        "extra": """CASE WHEN customer % 10 = 0 THEN '{"arm":"holdout"}' END""",
    },
    "steps": {
        "journey": _one_of("journey", "welcome", "abandoned_basket", "win_back", "birthday"),
        "version": "'24fad6523ff2'",
        "step": "'wait:2h'",
        "verb": "'wait'",
        "id": "'e' || i",
    },
}


def a_past(place: Place, rows: int = 1_000_000, *, customers: int = 20_000, days: int = 90) -> None:
    """Write tables with so many rows in all, of so many customers, over so many days."""
    put_manifest(place, Manifest(store=START, compacted=1))
    with tempfile.TemporaryDirectory() as folder, duck(Path(folder)) as db:
        for table in TABLES:
            count = int(rows * SHARES.get(table.name, 0))
            if not count:
                continue
            out = Path(folder) / table.name
            made = rows_of_past(table, count, customers, days)
            db.execute(f"COPY ({made}) TO {quoted(out)} (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (day))")
            for file in sorted(out.glob("day=*/*.parquet")):
                place.put(file_of(table, file.parent.name.removeprefix("day="), 1, 1), file.read_bytes())


def rows_of_past(table: Table, count: int, customers: int, days: int) -> str:
    """SQL: so many rows of a table, each with its `day`."""
    how = COMMON | OF_TABLE.get(table.name, {})
    empty = {"VARCHAR": "''"}
    columns = ", ".join(
        f'CAST({how.get(each.name, empty.get(each.type, "NULL"))} AS {each.type}) AS "{each.name}"'
        for each in table.columns
    )
    instant = f"{START} + CAST(hash('at' || i) % {days * DAY} AS BIGINT)"
    customer = f"hash('who' || i) % {customers}"
    numbers = f"SELECT i, {customer} AS customer, {instant} AS instant FROM range({count}) AS numbers(i)"
    day = "strftime(make_timestamp(instant * 1000), '%Y-%m-%d') AS day"
    return f"SELECT {columns}, {day} FROM ({numbers}) ORDER BY day, shard, logged"
