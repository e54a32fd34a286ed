"""The functions that run inside Redis: one library, its sources beside this file.

Its name carries a version and a hash of the sources, so that two releases of the engine may work on one
store during an upgrade, and no changed function ever hides behind an old name.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files

_FILES = (
    *("prelude", "append", "lease", "open", "blob", "commit", "claim", "look", "gcra", "revive", "address", "swap"),
    *("breaker", "index", "prompts", "voucher", "heard", "ask", "learned", "stock"),
)


@cache
def library() -> tuple[str, str]:
    """Name and source of the library, ready for FUNCTION LOAD."""
    folder = files("engine.runtime").joinpath("functions")
    body = "\n".join(folder.joinpath(f"{name}.lua").read_text("utf-8") for name in _FILES)
    name = f"parcours1_{sha256(body.encode()).hexdigest()[:8]}"
    return name, f"#!lua name={name}\nlocal LIBRARY = '{name}'\n{body}"


@cache
def function(name: str) -> str:
    """The full name of one function, for FCALL."""
    return f"{library()[0]}_{name}"
