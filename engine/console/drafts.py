"""What can be tried out: the workspace as it lies on disk, folders beside it, and plans that were released before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.define.folder import read_folder
from engine.model.errors import DefinitionError, SetupError
from engine.model.words import Words
from engine.runtime.plans import sources_of
from engine.runtime.releases import releases
from engine.runtime.store import Store
from engine.runtime.voice import N_

DISK = "disk"
FOLDER, RELEASE = "folder:", "release:"
MOST = 20  # of folders, and of releases
EDITABLE = (".yaml", ".yml", ".j2")


@dataclass(frozen=True, slots=True)
class Choice:
    """A draft: its `name` in forms, a `title` to be translated, and what it is called: a folder, a fingerprint; `at`
    when it was released (epoch ms)."""

    name: str
    title: str
    called: str = ""
    at: int | None = None


def choices(store: Store, workspace: Path, deployed: str) -> list[Choice]:
    """All drafts. Only folders that are workspaces are named, and no path is ever taken from outside."""
    found = []
    if (workspace / "journeys").is_dir():
        found.append(Choice(DISK, N_("The workspace as it lies on disk"), workspace.resolve().name))
        for folder in _beside(workspace):
            found.append(Choice(FOLDER + folder.name, N_("A folder beside it"), folder.name))
    found.append(Choice(RELEASE + deployed, N_("What is deployed now"), deployed[:8]))
    older = sorted(releases(store).items(), key=lambda each: -each[1].at)
    for fingerprint, release in older[:MOST]:
        if fingerprint != deployed:
            found.append(Choice(RELEASE + fingerprint, N_("An earlier release"), fingerprint[:8], release.at))
    return found


def draft(store: Store, workspace: Path, deployed: str, name: str) -> Mapping[str, str]:
    """The files of a draft. Raises SetupError when there is none of that name, or when it cannot be read."""
    if name.startswith(RELEASE):
        fingerprint = name.removeprefix(RELEASE)
        known = fingerprint == deployed or fingerprint in releases(store)
        sources = sources_of(store, fingerprint) if known else None
        if sources is None:
            raise SetupError(Words("This release is no longer kept: choose another draft."))
        return sources
    folder = workspace if name == DISK else None
    if name.startswith(FOLDER):
        folder = next((each for each in _beside(workspace) if each.name == name.removeprefix(FOLDER)), None)
    if folder is None:
        raise SetupError(Words("There is no such draft: choose one of those that are listed."))
    try:
        return read_folder(folder)
    except DefinitionError as fault:
        raise SetupError(fault.words) from None


def editable(sources: Mapping[str, str]) -> list[str]:
    """The files that may be changed for a try: journeys, policies, templates; not what comes with the engine."""
    kept = (name for name in sources if name.endswith(EDITABLE))
    return sorted(name for name in kept if name.startswith(("journeys/", "templates/messages/")))


def _beside(workspace: Path) -> list[Path]:
    """Workspaces that lie in the same folder."""
    here = workspace.resolve()
    try:
        found = [each for each in here.parent.iterdir() if each != here and not each.name.startswith(".")]
        return sorted(each for each in found if not each.is_symlink() and (each / "journeys").is_dir())[:MOST]
    except OSError:
        return []
