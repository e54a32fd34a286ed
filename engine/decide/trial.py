"""Rulesets are tried out in a process of their own before anybody is asked with them.

A ruleset that the C code does not bear may crash or never come back, and nothing in the same process could stop
that. So a child makes them, answers sample facts, and has to be done in time and right.
"""

from __future__ import annotations

import json
import operator
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from engine.decide.facts import fact
from engine.model.term import Bit, Group, Kind, Term, Test, leaves

SECONDS = 10.0
SAMPLES = 24
CHILD = ["-m", "engine.decide.trial"]

Values = Mapping[str, Any]
NameOf = Callable[[Test | Bit], str]
_OPS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def try_out(rulesets: Sequence[Mapping[str, str]], terms: Mapping[str, Term], name_of: NameOf) -> None:
    """Let a child make the rulesets and answer sample facts.

    `rulesets` map the rules' names to their conditions as JSON text, `terms` to what these mean. Raises RuntimeError
    with what went wrong: it crashed, did not end in time, or answered otherwise than Python does.
    """
    candidates = _candidates(terms.values(), name_of)
    samples = [_sample(candidates, number) for number in range(SAMPLES)]
    asked = {"rulesets": [dict(each) for each in rulesets], "facts": [_written(each) for each in samples]}
    try:
        child = subprocess.run(
            [sys.executable, *CHILD],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"durable_rules did not come back within {SECONDS:g} s from a trial of the rules") from None
    if child.returncode != 0:
        said = child.stderr.decode("utf-8", "replace").strip().splitlines()
        raise RuntimeError(f"durable_rules failed on a trial of the rules: {said[-1] if said else child.returncode}")
    wanted = [sorted(name for name, term in terms.items() if _says(term, each, name_of)) for each in samples]
    if json.loads(child.stdout) != wanted:
        raise RuntimeError("durable_rules answers a trial of the rules otherwise than Python does")


def _candidates(terms: Iterable[Term], name_of: NameOf) -> dict[str, list[Any]]:
    """For each property the values that tell its comparisons apart; None: it is not there."""
    found: dict[str, list[Any]] = {}
    for term in terms:
        for leaf in leaves(term):
            values = found.setdefault(name_of(leaf), [None])
            if isinstance(leaf, Bit):
                new: list[Any] = [1]
            elif isinstance(leaf.value, bool):
                new = [True, False]
            elif isinstance(leaf.value, str):
                new = [leaf.value, f"{leaf.value} "]
            else:
                new = [leaf.value - 1.0, float(leaf.value), leaf.value + 1.0]
            values += [value for value in new if value not in values]
    return found


def _sample(candidates: Mapping[str, list[Any]], number: int) -> dict[str, Any]:
    """One fact: the first has nothing, the second of everything the most telling, the others a mixture."""
    chosen: dict[str, Any] = {}
    for name, values in candidates.items():
        at = number if number < 2 else int.from_bytes(blake2b(f"{number}|{name}".encode(), digest_size=4).digest())
        value = values[at % len(values)]
        if value is not None:
            chosen[name] = value
    return chosen


def _written(sample: Values) -> str:
    parts = []
    for name, value in sample.items():
        kind: Kind = "yes_no" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
        written = "1" if type(value) is int else fact(kind, value)
        parts.append(f',"{name}":{written}')
    return "".join(parts)


def _says(term: Term, sample: Values, name_of: NameOf) -> bool:
    if isinstance(term, Group):
        every = all if term.op == "and" else any
        return every(_says(part, sample, name_of) for part in term.parts)
    value = sample.get(name_of(term))
    return value is not None and (isinstance(term, Bit) or _OPS[term.op](value, term.value))


def _child() -> None:
    from engine.decide.network import Network

    asked = json.load(sys.stdin)
    networks = [Network(conditions) for conditions in asked["rulesets"]]
    answers = []
    for properties in asked["facts"]:
        found: set[str] = set()
        for network in networks:
            network.match(properties, found)
        answers.append(sorted(found - {"_"}))
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    _child()
