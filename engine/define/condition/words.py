"""Conditions and values as words, for `why`: short, readable, and safe for whatever a scope holds."""

from __future__ import annotations

import re
from typing import Any

from engine.define.condition.lookback import duration
from engine.model.condition import (
    Among,
    AnyItem,
    Both,
    Compare,
    Happened,
    Known,
    Literal,
    Named,
    Negation,
    Node,
    Path,
)

_PLAIN = re.compile(r"[\w.-]+")
_LONGEST = 60


def needs(what: str) -> str:
    return f" (needs {what})"


def shown(value: Any) -> str:
    """A value in a sentence: `12`, `gold`, `"two words"`, `yes`, `unknown`, `a list of 3`."""
    if value is None:
        return "unknown"
    if type(value) is bool:
        return "yes" if value else "no"
    if type(value) is str:
        text = value if len(value) <= _LONGEST else value[: _LONGEST - 3] + "..."
        plain = _PLAIN.fullmatch(text) and not text.replace(".", "").replace("-", "").isdigit() and text != "unknown"
        return text if plain or len(text) == 10 and text[4:5] == "-" else '"' + " ".join(text.split()) + '"'
    if type(value) is float:
        return f"{value:.15g}"
    if type(value) is int:
        return str(value) if value.bit_length() < 200 else "a huge number"
    if type(value) in (list, tuple):
        return f"a list of {len(value)}"
    return "a group of properties" if type(value) is dict else "something unreadable"


def path_words(path: Path) -> str:
    return str(path) or "it"


def value_words(value: Literal | Path) -> str:
    return shown(value.value) if isinstance(value, Literal) else path_words(value)


def past(node: Happened, count: int) -> str:
    """`order_placed happened 1 time in last 24h`."""
    where = f" where {spoken(node.where, inside=True)}" if node.where is not None else ""
    window = f" in last {duration(node.window)}" if node.window is not None else ""
    times = "1 time" if count == 1 else f"{count} times"
    return f"{node.event}{where} " + (f"happened {times}" if count else "did not happen") + window


def spoken(node: Node | None, *, inside: bool = False) -> str:
    """A condition in its own language again; `inside` puts parentheses round what needs them."""
    match node:
        case None:
            return "anything"
        case Compare(left, op, right):
            return f"{path_words(left)} {op} {value_words(right)}"
        case Among(left, items, negated):
            return f"{path_words(left)} {'not ' * negated}in [{', '.join(value_words(one) for one in items)}]"
        case Known(left, negated):
            return f"{path_words(left)} is {'un' * negated}known"
        case AnyItem(path, where, negated):
            text = f"{'no' if negated else 'any'} {path_words(path)}"
            return text + (f" where {spoken(where, inside=True)}" if where is not None else "")
        case Happened():
            how = {">=": "at least", "<=": "at most", "is": "exactly"}[node.op]
            where = f" where {spoken(node.where, inside=True)}" if node.where is not None else ""
            window = f" in last {duration(node.window)}" if node.window is not None else ""
            times = f" {how} {node.count} times" if node.count else ""
            this = " including this" if node.including else ""
            return f"{'' if node.count else 'no '}{node.event}{where}{times}{window}{this}"
        case Named(kind, name):
            return f"{kind} {name}"
        case Both(op, parts):
            text = f" {op} ".join(spoken(part, inside=True) for part in parts)
            return f"({text})" if inside else text
        case Negation(part):
            text = spoken(part, inside=True)
            return f"not {text}" if text.startswith("(") or isinstance(part, Named) else f"not ({text})"
