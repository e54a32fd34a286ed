"""The manifest of an archive: what it is, and how far its segments have become tables."""

from __future__ import annotations

import msgspec
from msgspec import Struct, field

from engine import __version__
from engine.model.errors import StoreMismatch
from engine.report.archive.place import Place

NAME = "manifest.json"
SCHEMA = 1


class Manifest(Struct):
    """`store` is when the state it belongs to was created (server ms).

    Segments up to `compacted` are in the tables; those of `compacting` (first, last) may be in part. `erasing` names
    the erasures that are under way, `erased` the last file that they have been carried through.
    """

    store: int
    schema: int = SCHEMA
    engine: str = __version__
    compacted: int = 0
    compacting: tuple[int, int] | None = None
    erasing: list[str] = field(default_factory=list)
    erased: str = ""


def read_manifest(place: Place) -> Manifest | None:
    """None when there is no archive. Raises StoreMismatch when a newer release has written it."""
    packed = place.get(NAME)
    if packed is None:
        return None
    found = msgspec.json.decode(packed, type=Manifest)
    if found.schema > SCHEMA:
        raise StoreMismatch(f"The archive has schema {found.schema}, and this release knows {SCHEMA}: update it.")
    return found


def put_manifest(place: Place, manifest: Manifest) -> None:
    """Replace it, as a whole."""
    place.put(NAME, msgspec.json.format(msgspec.json.encode(manifest), indent=2))
