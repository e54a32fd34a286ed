"""The pages of the documentation, taken apart: code blocks with what stands behind their language, links, tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

_OPEN = re.compile(r"^(\s*)```(\w*)[ \t]*(.*)$")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: where it begins, its language, the words behind it (`info`), its text."""

    page: str
    line: int
    language: str
    info: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    def named(self, word: str) -> str:
        """The value of `word=value` behind the language, '' when there is none."""
        found = re.search(rf"\b{word}=(\S+)", self.info)
        return found[1] if found else ""


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page, in order."""
    found: list[Block] = []
    start: tuple[int, str, str] | None = None
    body: list[str] = []
    for number, line in enumerate(page.read_text("utf-8").splitlines(), start=1):
        if start is None:
            fence = _OPEN.match(line)
            if fence is not None:
                start, body = (number, fence[2], fence[3].strip()), []
        elif line.strip() == "```":
            name = page.relative_to(ROOT).as_posix()
            found.append(Block(name, *start, "".join(f"{each}\n" for each in body)))
            start = None
        else:
            body.append(line)
    assert start is None, f"{page.name}:{start and start[0]}: this block has no end"
    return found


def all_blocks(language: str) -> list[Block]:
    """The blocks of one language on all pages."""
    return [block for page in PAGES for block in blocks(page) if block.language == language]


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    kept, inside = [], False
    for line in page.read_text("utf-8").splitlines():
        if line.lstrip().startswith("```"):
            inside = not inside
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


def links(page: Path) -> list[str]:
    """The targets of all links of a page."""
    return _LINK.findall(prose(page))


def tables(page: Path, label: str) -> dict[str, list[list[str]]]:
    """Tables that follow a line `<!-- label: name -->`, by name: their rows without the head, as cells."""
    found: dict[str, list[list[str]]] = {}
    name = ""
    for line in page.read_text("utf-8").splitlines():
        mark = re.fullmatch(rf"<!-- {label}: (\S+) -->", line.strip())
        if mark is not None:
            name = mark[1]
            found[name] = []
        elif name and line.startswith("|"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
            found[name].append(cells)
        elif name and found[name]:
            name = ""
    return {name: rows[2:] for name, rows in found.items()}


def code(cell: str) -> str:
    """The first `code` of a table's cell, else the cell."""
    quoted = re.search(r"`([^`]+)`", cell)
    return quoted[1] if quoted else cell
