"""Files of an archive as files of this machine: where they are, when it is a folder; else copies."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

from engine.report.archive.place import Folder, Place

AT_ONCE = 16


class Local:
    """Copies go to `folder`, under names that change when the file does; what is not asked for any more is removed
    by `files` when `whole` says that it was asked for everything."""

    def __init__(self, place: Place, folder: Path) -> None:
        self._place, self._folder = place, folder

    def files(self, names: Iterable[str]) -> list[Path]:
        """These files, in the same order; those that are gone meanwhile are missing."""
        if isinstance(self._place, Folder):
            return [file for name in names if (file := self._place.folder / name).exists()]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return [file for file in pool.map(self._copy, names) if file is not None]

    def kept(self, marks: dict[str, tuple[int, str]]) -> list[Path]:
        """The same for files with their marks; copies of earlier calls serve again, all others are removed."""
        if isinstance(self._place, Folder):
            return [self._place.folder / name for name in marks]
        wanted = {name: self._folder / _marked(name, mark) for name, (_, mark) in marks.items()}
        for file in self._folder.rglob("*.*"):
            if file.is_file() and file not in wanted.values():
                file.unlink(missing_ok=True)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda pair: pair[1].exists() or self._copy(*pair), wanted.items()))
        return list(wanted.values())

    def _copy(self, name: str, to: Path | None = None) -> Path | None:
        data = self._place.get(name)
        if data is None:
            return None
        file = to or self._folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_name(f".{file.name}")
        beside.write_bytes(data)
        beside.replace(file)
        return file


def _marked(name: str, mark: str) -> str:
    folder, _, file = name.rpartition("/")
    return f"{folder}/{sha256(mark.encode()).hexdigest()[:12]}.{file}"
