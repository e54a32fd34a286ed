"""What can still be read of a file that is no YAML: one slip shall not make every name of the file unknown.

The lines at fault are left out and the rest is read. What it declares is known to the other files; nothing more is
said about the file itself, nor about names that stand in the lines that were left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from engine.define.doc import Doc
from engine.model.problem import Problem

_WORD = re.compile(r"\w+")
_NAME = re.compile(r"\w+(?=\s*:)|(?<=: )\w+")
_JOURNEY = re.compile(r"^(?:journey|tests):", re.MULTILINE)
# Words that say nothing about what is declared.
_COMMON = frozenset(
    {"about", "channels", "count", "customer", "email", "event", "events", "fields", "for", "from", "id", "items"}
    | {"key", "limit", "name", "no", "of", "properties", "purpose", "push", "show", "sms", "start", "store", "text"}
    | {"to", "type", "version", "via", "when"}
)


def salvage(text: str, line: int, read: Callable[[str], bool]) -> str:
    """The text that has to be left out so that `read` takes the rest; all of it when nothing else helps.

    `line` is the one at fault.
    """
    lines = text.splitlines()
    top = next((row for row, each in enumerate(lines) if each.strip() and not each.startswith("#")), 0)
    for first, last in _cuts(lines, line - 1):
        if not first <= top < last and read("\n".join([*lines[:first], *[""] * (last - first), *lines[last:]])):
            return "\n".join(lines[first:last])
    return text


def _cuts(lines: list[str], row: int) -> Iterator[tuple[int, int]]:
    """What to leave out, the least first: the line, its neighbours, its block, all that follows."""
    yield row, row + 1
    yield max(0, row - 1), row + 1
    yield row, row + 2
    block = row
    while block > 0 and (not lines[block].strip() or lines[block][:1] in " \t-#"):
        block -= 1
    end = row + 1
    while end < len(lines) and (not lines[end].strip() or lines[end][:1] in " \t-#"):
        end += 1
    yield block, end
    yield row, len(lines)
    yield block, len(lines)


def without_followers(problems: Iterable[Problem], docs: Iterable[Doc]) -> list[Problem]:
    """`problems` without those that only say what could not be read of `docs`, or what did not fit there."""
    names: dict[str, set[str]] = {}
    lost = set()
    for doc in docs:
        if doc.lost:
            lost.add(doc.file)
        declares = not (isinstance(doc.data, dict) and "journey" in doc.data) and not _JOURNEY.search(doc.lost)
        names[doc.file] = ({*_NAME.findall(doc.lost)} | doc.left_out) - _COMMON if declares else set()
    return [each for each in problems if not _follows(each, lost, names)]


def _follows(problem: Problem, lost: set[str], by_file: Mapping[str, set[str]]) -> bool:
    if problem.place.file in lost:
        return problem.code != "yaml"
    names = {name for file, found in by_file.items() if file != problem.place.file for name in found}
    if not names:
        return False
    said = problem.source[problem.place.column - 1 : problem.place.column - 1 + problem.width]
    told = " ".join(re.findall(r"(?<=')[^']+(?=')|\b\w+\.\w+", problem.message))
    return not names.isdisjoint(_WORD.findall(f"{said} {told}"))
