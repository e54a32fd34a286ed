"""What a measure gives, in the language of whoever reads it; what is the shop's stays as it is."""

from __future__ import annotations

from dataclasses import replace

from engine.report.measures.measure import Cell, Chart, Column, Found, Series, Table
from engine.runtime.voice import Voice


def said(found: Found, voice: Voice) -> Found:
    """The same figures, in the words of `voice`."""
    if voice.is_english:
        return found
    return Found(
        tuple(_table(each, voice) for each in found.tables),
        tuple(_chart(each, voice) for each in found.charts),
        tuple(map(voice.tell, found.lacks)),
    )


def _table(table: Table, voice: Voice) -> Table:
    def cell(each: Cell) -> Cell:
        return voice.tell(each) if isinstance(each, str) else each

    return Table(
        voice.tell(table.title),
        tuple(_column(each, voice) for each in table.columns),
        tuple(tuple(map(cell, row)) for row in table.rows),
        voice.tell(table.meaning),
    )


def _column(column: Column, voice: Voice) -> Column:
    title, low, high = (voice.name(each) if each else "" for each in (column.title, column.low, column.high))
    return Column(title, column.unit, low, high)


def _chart(chart: Chart, voice: Voice) -> Chart:
    def series(each: Series) -> Series:
        return replace(each, name=voice.tell(each.name))

    return replace(
        chart,
        title=voice.tell(chart.title),
        labels=tuple(map(voice.tell, chart.labels)),
        series=tuple(map(series, chart.series)),
        x_title=voice.tell(chart.x_title),
    )
