"""Where the starter workspace is: inside the wheel, or this repository."""

from __future__ import annotations

from pathlib import Path

from engine.model.errors import SetupError

FOLDERS = ("journeys", "templates")


def starter() -> Path:
    """The folder that holds the starter's `journeys/` and `templates/`.

    In an installed wheel it lies inside the package; in a checkout it is the repository itself.
    Raises SetupError when neither is there.
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_starter", package.parent):
        if all((folder / name).is_dir() for name in FOLDERS):
            return folder
    raise SetupError(f"The starter workspace is missing from {package}. Install parcours again.")
