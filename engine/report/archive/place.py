"""Where an archive is: a folder, or a bucket of an object storage. The one user of obstore."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from engine.model.errors import SetupError
from engine.model.words import Words

BUCKETS = ("s3", "gs", "az")
MULTIPART = 32_000_000  # bytes of an object from which on it goes in parts
T = TypeVar("T")


class Place(Protocol):
    """Files by name (`events/day=2026-03-01/1-9.parquet`). What a file holds is replaced as a whole, or not at all.

    All raise OSError when the place does not answer.
    """

    def put(self, name: str, data: bytes) -> None:
        """Write a file. It is safe when this returns."""
        ...

    def get(self, name: str) -> bytes | None:
        """What a file holds; None when there is none."""
        ...

    def names(self, prefix: str = "") -> list[str]:
        """The files whose names begin so, in order. `prefix` is '' or ends with '/'."""
        ...

    def delete(self, name: str) -> None:
        """Remove a file, if it is there."""
        ...

    def sizes(self, prefix: str = "") -> dict[str, tuple[int, str]]:
        """Of the same files, the size in bytes and a mark that changes when the file is written again."""
        ...


def open_place(url: str, *, make: bool = True) -> Place:
    """The place that PARCOURS_ARCHIVE_URL names. Raises SetupError."""
    parts = urlsplit(url)
    if parts.scheme in BUCKETS:
        return Bucket(url)
    if parts.scheme not in ("", "file"):
        raise SetupError(
            Words(
                "An archive is a folder, or {what}: not {scheme}.",
                what=", ".join(f"{name}://" for name in BUCKETS),
                scheme=parts.scheme,
            )
        )
    folder = Path(unquote(parts.path) if parts.scheme else url)
    try:
        if make:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise SetupError(
            Words(
                "The archive {folder} cannot be made ({strerror}): set PARCOURS_ARCHIVE_URL.",
                folder=folder,
                strerror=fault.strerror,
            )
        ) from None
    return Folder(folder)


class Folder:
    """Files below a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, data: bytes) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_name(f".{file.name}.{os.getpid()}")
        with beside.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(file)
        self._settle(file.parent)

    def get(self, name: str) -> bytes | None:
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def names(self, prefix: str = "") -> list[str]:
        return sorted(self.sizes(prefix))

    def delete(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)

    def sizes(self, prefix: str = "") -> dict[str, tuple[int, str]]:
        found = {}
        for file in self._walk(self.folder / prefix):
            try:
                facts = file.stat()
            except FileNotFoundError:  # it has just been removed
                continue
            found[file.relative_to(self.folder).as_posix()] = (facts.st_size, str(facts.st_mtime_ns))
        return found

    def _walk(self, folder: Path) -> Iterator[Path]:
        return (file for file in folder.rglob("*") if file.is_file() and not file.name.startswith("."))

    @staticmethod
    def _settle(folder: Path) -> None:
        """A renamed file is there after a power cut only when its folder was written as well."""
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class Bucket:
    """Objects of S3, Google Cloud Storage or Azure, below a prefix."""

    def __init__(self, url: str) -> None:
        try:
            from obstore.store import from_url
        except ImportError:
            raise SetupError(Words("An archive in a bucket needs the extra: pip install 'parcours[report]'.")) from None
        parts = urlsplit(url)
        options: dict[str, Any] = dict(parse_qsl(parts.query))
        if parts.username:
            options["access_key_id"], options["secret_access_key"] = parts.username, unquote(parts.password or "")
        plain = str(options.get("endpoint", "")).startswith("http://")
        if not parts.hostname:
            raise SetupError(
                Words("The archive {scheme}:// names no bucket: write {scheme}://bucket/prefix.", scheme=parts.scheme)
            )
        named = self._named = f"{parts.scheme}://{parts.hostname}{parts.path}"
        patience = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}
        try:
            self._store: Any = cast(Any, from_url)(
                named, config=options, client_options={"allow_http": plain}, retry_config=patience
            )
        except Exception as fault:  # obstore has no common base for what is wrong with an address
            raise SetupError(
                Words("The bucket {named} cannot be used: {name}.", named=named, name=type(fault).__name__)
            ) from None

    def put(self, name: str, data: bytes) -> None:
        self._asked(lambda: self._store.put(name, data, use_multipart=len(data) > MULTIPART))

    def get(self, name: str) -> bytes | None:
        try:
            return bytes(self._asked(lambda: self._store.get(name).bytes()))
        except FileNotFoundError:
            return None

    def names(self, prefix: str = "") -> list[str]:
        return sorted(self.sizes(prefix))

    def delete(self, name: str) -> None:
        try:
            self._asked(lambda: self._store.delete(name))
        except FileNotFoundError:
            return

    def sizes(self, prefix: str = "") -> dict[str, tuple[int, str]]:
        def listed() -> dict[str, tuple[int, str]]:
            pages = self._store.list(prefix.rstrip("/") or None)
            found = (each for page in pages for each in page)
            return {each["path"]: (each["size"], str(each["e_tag"] or each["last_modified"])) for each in found}

        return self._asked(listed)

    def _asked(self, ask: Callable[[], T]) -> T:
        from obstore.exceptions import BaseError

        try:
            return ask()
        except BaseError as fault:
            first = str(fault).strip().partition("\n")[0]
            raise OSError(errno.EIO, f"{type(fault).__name__}: {first}", self._named) from None
