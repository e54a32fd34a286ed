"""Reading a workspace from disk: the only place where definitions touch files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from engine.define.starter import FOLDERS, starter
from engine.define.workspace import Compiled, compile_sources
from engine.model.errors import DefinitionError, SetupError
from engine.model.problem import Place, Problem

ENDINGS = (".yaml", ".yml", ".csv", ".json", ".j2", ".po")
LARGEST = 20_000_000
# What a workspace need not have of its own: the look and the shared parts come with the engine.
SHARED = ("layouts/", "components/", "pages/", "locales/")


def workspace_of(path: Path) -> Path:
    """The workspace that `path` is, or (for a file) lies in. Raises SetupError when there is none."""
    if not path.exists():
        raise SetupError(f"There is nothing at {path}.")
    if path.is_dir():
        return path
    for parent in path.resolve().parents:
        if (parent / "journeys").is_dir():
            return parent
    raise SetupError(f"{path} lies in no workspace: no folder above it has a journeys/ folder.")


def read_folder(folder: Path) -> dict[str, str]:
    """All source files of a workspace, by path within it, with the starter's shared templates beneath.

    Raises SetupError when the folder is no workspace, DefinitionError for files that are no text.
    """
    if not folder.is_dir():
        raise SetupError(f"There is no folder {folder}. Make a workspace with: parcours init {folder}")
    if not (folder / "journeys").is_dir():
        raise SetupError(f"{folder} is no workspace: it has no journeys/ folder. Make one with: parcours init {folder}")
    found, problems = _read(folder)
    if problems:
        raise DefinitionError(problems)
    return with_shared(found)


def with_shared(sources: Mapping[str, str]) -> dict[str, str]:
    """`sources` with the starter's layouts, components and translations beneath their own."""
    found = dict(sources)
    shared, _ = _read(starter())
    for name, text in shared.items():
        part = name.removeprefix("templates/")
        if name.startswith("templates/") and part.startswith(SHARED):
            if part.startswith("locales/"):
                name = f"templates/locales/shared/{part.removeprefix('locales/')}"
            found.setdefault(name, text)
    return found


def _read(folder: Path) -> tuple[dict[str, str], list[Problem]]:
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for top in FOLDERS:
        for file in sorted((folder / top).rglob("*")):
            name = file.relative_to(folder).as_posix()
            if not file.is_file() or file.suffix not in ENDINGS or any(p.startswith(".") for p in Path(name).parts):
                continue
            data = file.read_bytes()
            if len(data) > LARGEST:
                problems.append(Problem(Place(name), f"this file has {len(data):,} bytes; {LARGEST:,} are the most."))
                continue
            try:
                found[name] = data.decode("utf-8-sig")
            except UnicodeDecodeError as fault:
                line = data[: fault.start].count(b"\n") + 1
                column = fault.start - (data.rfind(b"\n", 0, fault.start) + 1) + 1
                message = f"this is no UTF-8 text: byte 0x{data[fault.start]:02x} cannot stand here."
                problems.append(Problem(Place(name, line, column), message, "encoding", "Save the file as UTF-8."))
    return found, problems


def compile_folder(folder: Path) -> Compiled:
    """The workspace in `folder`, compiled; files that are no text count among its problems."""
    try:
        return compile_sources(read_folder(folder))
    except DefinitionError as fault:
        found, _ = _read(folder)
        compiled = compile_sources(with_shared(found))
        return replace(compiled, problems=tuple(sorted({*fault.problems, *compiled.problems})))
