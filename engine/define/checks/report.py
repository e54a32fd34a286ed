"""The whole outcome of a check as a person reads it: problems, hints marked as such, codes, a last line."""

from __future__ import annotations

from collections.abc import Collection

from engine.define.report import block
from engine.model.problem import Problem


def listing(problems: Collection[Problem], hints: Collection[str]) -> str:
    """All problems, one block each with its code, and how many there are. `hints` are the codes that only advise."""
    blocks = [_marked(problem, problem.code in hints) for problem in problems]
    advice = sum(problem.code in hints for problem in problems)
    faults = len(problems) - advice
    counted = [_count(faults, "problem")] if faults else []
    counted += [_count(advice, "hint")] if advice else []
    total = f"{' and '.join(counted)} in {_count(len({problem.place.file for problem in problems}), 'file')}."
    return "\n".join([*blocks, total])


def _marked(problem: Problem, hint: bool) -> str:
    first, *rest = block(problem).split("\n")
    if hint:
        first = first.replace(f": {problem.message}", f": hint: {problem.message}", 1)
    return "\n".join([f"{first} [{problem.code}]", *rest])


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
