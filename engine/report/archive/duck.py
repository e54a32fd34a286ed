"""DuckDB, in this process: the one importer of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.model.errors import SetupError
from engine.model.words import Words

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def duck(folder: Path | None = None, memory: str = "1GB", threads: int = 2) -> DuckDBPyConnection:
    """A database in memory; what does not fit there goes to `folder`. Raises SetupError without the extra."""
    try:
        import duckdb
    except ImportError:
        raise SetupError(Words("This needs DuckDB: pip install 'parcours[report]'.")) from None
    config: dict[str, Any] = {"autoinstall_known_extensions": False, "memory_limit": memory, "threads": threads}
    if folder is not None:
        config["temp_directory"] = str(folder)
    made = duckdb.connect(":memory:", config=config)
    made.execute("SET enable_progress_bar = false")
    return made


def quoted(value: object) -> str:
    """A text as SQL writes it."""
    return "'" + str(value).replace("'", "''") + "'"


def listed(files: list[Path]) -> str:
    """Files as SQL texts, separated by commas."""
    return ", ".join(quoted(file) for file in files)
