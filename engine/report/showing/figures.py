"""Figures as people read them: counts, shares, money, spans, each by its unit; never more precise than it is useful."""

from __future__ import annotations

from math import isfinite

from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent

from engine.report.measures.measure import Cell, Column, Table, Unit

NOT_KNOWN = "\N{EN DASH}"
LARGEST = 1e15  # beyond it figures are written as powers, and whole numbers are no figures
_SPANS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"), (1, "ms"))


class Figures:
    """How one report writes its numbers. `currency` is the shop's (EUR); all else is written as `locale` does."""

    def __init__(self, currency: str = "EUR", locale: str = "en") -> None:
        self.currency, self.locale = currency, locale

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
            return span(cell)
        if unit == "days":
            return f"{format_decimal(cell, '#,##0.#', locale=self.locale)} d"
        if unit == "index":
            return f"{format_decimal(cell, '#,##0.00', locale=self.locale)} ×"  # noqa: RUF001
        return format_decimal(cell, _digits(cell), locale=self.locale)

    def short(self, value: float, unit: Unit) -> str:
        """The same for an axis: 12K."""
        if unit in ("share", "ms", "days", "index") or abs(value) < 10_000 or abs(value) > LARGEST:
            return self.text(value, unit if unit != "count" or float(value).is_integer() else "number")
        return format_compact_decimal(value, fraction_digits=1, locale=self.locale)

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


def span(ms: float) -> str:
    """A span of time in its largest two units: 1 d 4 h."""
    if ms < 0:
        return f"-{span(-ms)}"
    if ms < 1_000:
        return f"{ms:.0f} ms"
    if ms < 60_000:
        return f"{ms / 1000:.1f}".removesuffix(".0") + " s"
    whole = round(ms / (60_000 if ms >= 3_600_000 else 1_000)) * (60_000 if ms >= 3_600_000 else 1_000)
    parts = []
    for size, unit in _SPANS:
        count, whole = divmod(whole, size)
        if count:
            parts.append(f"{count:,} {unit}")
        elif parts:
            break
        if len(parts) == 2:
            break
    return " ".join(parts)


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
    return value, f"{ends[0]} to {ends[1]}"
