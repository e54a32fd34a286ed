"""Small archives, written by hand: the archive's own views over a few rows, and what a measure makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from duckdb import DuckDBPyConnection

from engine.model.span import DAY, HOUR, MINUTE
from engine.report.archive.duck import duck
from engine.report.archive.reading import VIEWS
from engine.report.archive.tables import TABLES
from engine.report.measures.basis import Basis
from engine.report.measures.every import MEASURES
from engine.report.measures.measure import Cell, Found, Window
from tests.story import compiled

START = 1_772_323_200_000  # 2026-03-01T00:00:00Z
END = START + 90 * DAY
near: Any = pytest.approx
UNITS = {"d": DAY, "h": HOUR, "m": MINUTE}
VOCABULARY = """
vocabulary:
  identifiers: {customer_id: strong, email: weak}
  events:
    seen: {properties: {sku: text}}
    basket_updated: {properties: {basket_id: text, total: number}}
    basket_emptied: {properties: {basket_id: text}}
    order_placed: {properties: {order_id: text, basket_id: text, total: number, margin: number}}
    order_collected: {properties: {order_id: text}}
    refund_paid: {properties: {return_id: text, amount: number}}
    survey_answered: {properties: {survey: text, score: integer}}
    case_opened: {properties: {case_id: text}}
    case_answered: {properties: {case_id: text}}
    case_closed: {properties: {case_id: text}}
    sale_assisted: {properties: {order_id: text}}
"""
JOURNEY = "journey: j\nstart: {event: seen}\nsteps: [{send: m1, via: email}]\n"
REPORT = "report: {costs: {messages: {email: 0.5, sms: 2}, events: {case_opened: 10}}}\n"


def instant(text: str | int) -> int:
    """'3d', '1d12h' after START; a number is an instant."""
    if isinstance(text, int):
        return text
    found, number = START, ""
    for letter in text:
        if letter in UNITS:
            found, number = found + int(float(number) * UNITS[letter]), ""
        else:
            number += letter
    return found


@dataclass
class Small:
    """Rows on their way into a database. Events: `did(who, when, event, channel, **properties)`."""

    events: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[dict[str, Any]] = field(default_factory=list)

    def did(self, who: str, when: str | int, event: str, channel: str = "web", **properties: Any) -> Small:
        number = len(self.events)
        given = {key.removeprefix("_"): properties.pop(key) for key in list(properties) if key.startswith("_")}
        row = {"profile": who, "event": event, "channel": channel, "happened": instant(when), "id": f"e{number}"}
        row |= {"properties": json.dumps(properties), "place": number, "dead": False, "depth": 0, **given}
        self.events.append(row)
        return self

    def came(self, who: str, when: str | int, kind: str, extra: object = None, **columns: Any) -> Small:
        row = {"profile": who, "decided": instant(when), "kind": kind, "place": len(self.outcomes), **columns}
        self.outcomes.append(row | ({"extra": json.dumps(extra)} if extra is not None else {}))
        return self

    def database(self) -> DuckDBPyConnection:
        db = duck(threads=1)
        for table in TABLES:
            rows = getattr(self, table.name, [])
            columns = ", ".join(f'"{each.name}" {each.type}' for each in table.columns)
            db.execute(f"CREATE TABLE {table.name} ({columns})")
            for row in rows:
                values = [row.get(each.name, _empty(each.type)) for each in table.columns]
                db.execute(f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(values))})", values)
        for name, query in VIEWS.items():
            db.execute(f"CREATE VIEW {name} AS {query}")
        return db

    def basis(self, since: int = START, until: int = END, report: str = REPORT, vocabulary: str = VOCABULARY) -> Basis:
        plan = compiled(JOURNEY, vocabulary=vocabulary, others=[report] if report else []).plan
        return Basis(self.database(), Window(since, until), plan)

    def found(self, name: str, **given: Any) -> Found:
        return measure(name, self.basis(**given))


def measure(name: str, basis: Basis) -> Found:
    return next(each for each in MEASURES if each.name == name).run(basis)


def table(found: Found, title: str) -> list[tuple[Cell, ...]]:
    """The rows of the table of that title."""
    (rows,) = (each.rows for each in found.tables if each.title == title)
    return list(rows)


def by_first(rows: Iterable[tuple[Cell, ...]]) -> dict[Cell, tuple[Cell, ...]]:
    return {row[0]: row[1:] for row in rows}


def _empty(type_: str) -> Any:
    return "" if type_ == "VARCHAR" else 0 if type_ in ("BIGINT", "INTEGER", "SMALLINT") else None
