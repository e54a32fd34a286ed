"""Figures as people read them: counts, shares, money, spans, each by its unit; never more precise than it is useful."""

from __future__ import annotations

from math import isfinite

from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent

from engine.model.words import N_
from engine.report.measures.measure import Cell, Column, Table, Unit
from engine.runtime.voice import ENGLISH, Voice

NOT_KNOWN = "\N{EN DASH}"
LARGEST = 1e15  # beyond it figures are written as powers, and whole numbers are no figures
DAYS = N_("{n} d")
HOURS, MINUTES, SECONDS, MILLISECONDS = N_("{n} h"), N_("{n} min"), N_("{n} s"), N_("{n} ms")
_SPANS = (
    (86_400_000, DAYS),
    (3_600_000, N_("{n} h")),
    (60_000, N_("{n} min")),
    (1_000, N_("{n} s")),
    (1, N_("{n} ms")),
)


class Figures:
    """How one report writes its numbers. `currency` is the shop's (EUR); all else is written as the
    language of `voice` does."""

    def __init__(self, currency: str = "EUR", voice: Voice = ENGLISH) -> None:
        self.currency, self.voice = currency, voice
        self.locale, self.say = voice.locale, voice.say

    def text(self, cell: Cell, unit: Unit) -> str:
        """A cell in words; an en dash for what is not known."""
        if cell is None:
            return NOT_KNOWN
        if isinstance(cell, str):
            return cell
        if not isfinite(cell) if isinstance(cell, float) else abs(cell) > LARGEST:
            return NOT_KNOWN
        if abs(cell) > LARGEST:
            return f"{cell:.3g}"
        cell = cell or 0  # and not -0
        if unit == "count" or (unit == "text" and float(cell).is_integer()):
            return format_decimal(cell, "#,##0", locale=self.locale)
        if unit == "share":
            return format_percent(cell, _digits(cell * 100, "%"), locale=self.locale)
        if unit == "money":
            return self._money(cell)
        if unit == "ms":
            return self._span(cell)
        if unit == "days":
            return self.say(DAYS).format(n=format_decimal(cell, "#,##0.#", locale=self.locale))
        if unit == "index":
            return f"{format_decimal(cell, '#,##0.00', locale=self.locale)} ×"  # noqa: RUF001
        return format_decimal(cell, _digits(cell), locale=self.locale)

    def short(self, value: float, unit: Unit) -> str:
        """The same for an axis: 12K."""
        if unit in ("share", "ms", "days", "index") or abs(value) < 10_000 or abs(value) > LARGEST:
            return self.text(value, unit if unit != "count" or float(value).is_integer() else "number")
        return format_compact_decimal(value, fraction_digits=1, locale=self.locale)

    def _span(self, ms: float) -> str:
        """A span of time in its largest two units: 1 d 4 h."""
        return " ".join(
            self.say(unit).format(n=format_decimal(count, "#,##0.#", locale=self.locale)) for count, unit in parts(ms)
        )

    def _money(self, value: float) -> str:
        try:
            return format_currency(value, self.currency, locale=self.locale)
        except Exception:  # whatever a brand calls a currency
            return format_decimal(value, "#,##0.00", locale=self.locale)


def _digits(value: float, sign: str = "") -> str:
    """Three figures that count, at most."""
    size = abs(value)
    return (
        "#,##0" if size >= 100 or size == 0 else "#,##0.#" if size >= 1 else "#,##0.0###" if size < 0.1 else "#,##0.0##"
    ) + sign


def parts(ms: float) -> list[tuple[float, str]]:
    """A span of time in its largest two units: [(1, '{n} d'), (4, '{n} h')]."""
    if ms < 0:
        return [(-count if not place else count, unit) for place, (count, unit) in enumerate(parts(-ms))]
    if ms < 1_000:
        return [(round(ms), _SPANS[-1][1])]
    if ms < 60_000:
        return [(round(ms / 1000, 1), _SPANS[-2][1])]
    whole = round(ms / (60_000 if ms >= 3_600_000 else 1_000)) * (60_000 if ms >= 3_600_000 else 1_000)
    found: list[tuple[float, str]] = []
    for size, unit in _SPANS:
        count, whole = divmod(whole, size)
        if count:
            found.append((count, unit))
        elif found:
            break
        if len(found) == 2:
            break
    return found


def shown_columns(table: Table) -> list[tuple[int, Column, int | None, int | None]]:
    """The columns that are shown: each with its place and those of the ends of its interval, which stand with it."""
    places = {column.title: place for place, column in enumerate(table.columns)}
    ends = {title for column in table.columns for title in (column.low, column.high) if title}
    return [
        (place, column, places.get(column.low), places.get(column.high))
        for place, column in enumerate(table.columns)
        if column.title not in ends
    ]


def words(
    figures: Figures, row: tuple[Cell, ...], shown: tuple[int, Column, int | None, int | None]
) -> tuple[str, str]:
    """A cell in words, and its interval ('' for none): ('12 %', '10 to 14 %')."""
    place, column, low, high = shown
    value = figures.text(row[place], column.unit)
    if low is None or high is None or row[place] is None:
        return value, ""
    ends = [figures.text(row[each], column.unit) for each in (low, high)]
    return value, figures.say(N_("{low} to {high}")).format(low=ends[0], high=ends[1])
