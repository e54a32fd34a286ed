"""What each code of `parcours check` means: one page for each, beside this file."""

from __future__ import annotations

from importlib.resources import files

from engine.define.doc import did_you_mean
from engine.model.errors import SetupError


def codes() -> list[str]:
    """All codes that have a page, sorted."""
    pages = (page.name for page in files(__package__).iterdir())
    return sorted(name.removesuffix(".md") for name in pages if name.endswith(".md"))


def explain(code: str) -> str:
    """The page of a code (Markdown). Raises SetupError for a code that does not exist."""
    known = codes()
    if code not in known:
        raise SetupError(f"There is no code '{code}'. {did_you_mean(code, known) or 'Known: ' + ', '.join(known)}")
    return files(__package__).joinpath(f"{code}.md").read_text(encoding="utf-8")


def summary(code: str) -> str:
    """The first sentence of a page: what the code means."""
    return explain(code).split("\n\n")[1].replace("\n", " ")
