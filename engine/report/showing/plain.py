"""A report as plain data, for programs: nothing is rounded, and what is not known is null. Its shape is a contract."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

from engine.policy.wallclock import iso
from engine.report.measures.measure import Cell, Table
from engine.report.showing.making import Report

VERSION = 1


def as_data(report: Report) -> dict[str, Any]:
    """{version, shop, currency, zone, since, until, journeys, measures: [{name, title, definition, tables, lacks}]}."""
    return {
        "version": VERSION,
        "shop": report.shop,
        "currency": report.currency,
        "zone": report.window.zone,
        "since": iso(report.window.since),
        "until": iso(report.window.until),
        "journeys": list(report.journeys),
        "measures": [
            {
                "name": each.measure.name,
                "title": each.measure.title,
                "definition": each.definition,
                "tables": [_table(table) for table in each.found.tables],
                "lacks": list(each.found.lacks),
            }
            for each in report.measures
        ],
    }


def as_json(report: Report) -> str:
    return json.dumps(as_data(report), ensure_ascii=False, indent=2)


def _table(table: Table) -> dict[str, Any]:
    columns = []
    for column in table.columns:
        ends = {"low": column.low, "high": column.high} if column.low else {}
        columns.append({"title": column.title, "unit": column.unit, **ends})
    rows = [[_cell(cell) for cell in row] for row in table.rows]
    return {"title": table.title, "meaning": table.meaning, "columns": columns, "rows": rows}


def _cell(cell: Cell) -> Cell:
    return None if isinstance(cell, float) and not isfinite(cell) else cell
