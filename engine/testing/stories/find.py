"""Finding the story files of a workspace."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from engine.define.story import is_story
from engine.model.errors import SetupError

FOLDERS = ("journeys", "tests")
ENDINGS = (".yaml", ".yml")


def home_of(path: Path) -> Path:
    """The nearest folder, from `path` upwards, that is a workspace. Raises SetupError when there is none."""
    path = path.absolute()
    for folder in (path, *path.parents):
        if (folder / "journeys").is_dir():
            return folder
    raise SetupError(f"{path} lies in no workspace: no folder above it has a journeys/ folder.")


def story_files(paths: Iterable[Path]) -> dict[Path, list[Path]]:
    """The story files at `paths` (files, folders, workspaces) by workspace, in order.

    A workspace stands for its journeys/ and tests/; what belongs to another workspace within is left to that
    one. Raises SetupError for a path that does not exist, or a file that is no story.
    """
    found: dict[Path, list[Path]] = {}
    for path in paths:
        if not path.exists():
            raise SetupError(f"There is nothing at {path}.")
        home = home_of(path)
        if path.is_file():
            if not _tells(path):
                raise SetupError(f"{path} is no story: its first key is not 'tests:'.")
            _add(found, home, path.absolute())
            continue
        inside = path.absolute()
        tops = [inside / name for name in FOLDERS] if inside == home else [inside]
        for file in sorted(file for top in tops for file in top.rglob("*") if file.suffix in ENDINGS):
            if file.is_file() and home_of(file.parent) == home and _tells(file):
                _add(found, home, file)
    return found


def _add(found: dict[Path, list[Path]], home: Path, file: Path) -> None:
    if file not in found.setdefault(home, []):
        found[home].append(file)


def _tells(file: Path) -> bool:
    return is_story(file.read_text("utf-8", errors="replace"))
