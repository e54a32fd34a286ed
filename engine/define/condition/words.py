"""Conditions and values as words, for `why`: short, readable, and safe for whatever a scope holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from engine.define.condition.lookback import duration
from engine.model.condition import (
    Among,
    Anniversary,
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


@dataclass(frozen=True, slots=True)
class Moment(Literal):
    """An instant that was written as a date or time (`value` is epoch ms), so that it is said as one again."""


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
        return text if plain or (len(text) == 10 and text[4:5] == "-") else '"' + " ".join(text.split()) + '"'
    if type(value) is float:
        return f"{value:.15g}"
    if type(value) is int:
        return str(value) if value.bit_length() < 200 else "a huge number"
    if type(value) in (list, tuple):
        return f"a list of {len(value)}"
    return "a group of properties" if type(value) is dict else "something unreadable"


def moment(value: Any) -> str:
    """Epoch ms as a date and a time of day in UTC; anything else as `shown`."""
    try:
        if type(value) in (int, float):
            return f"{datetime.fromtimestamp(value / 1000, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        pass
    return shown(value)


def day_of(instant: int) -> str:
    """The day of an instant (epoch ms), in UTC."""
    return f"{datetime.fromtimestamp(instant / 1000, UTC):%Y-%m-%d}"


def path_words(path: Path) -> str:
    return str(path) or "it"


def value_words(value: Literal | Path) -> str:
    if isinstance(value, Moment):
        when = datetime.fromtimestamp(float(value.value) / 1000, UTC)
        return f"{when:%Y-%m-%d}" if when.time() == time.min else f'"{when.isoformat()}"'
    return shown(value.value) if isinstance(value, Literal) else path_words(value)


def past(node: Happened, count: int) -> str:
    """`order_placed happened 1 time in last 24h`."""
    window = f" in last {duration(node.window)}" if node.window is not None else ""
    times = "1 time" if count == 1 else f"{count} times"
    return f"{node.event}{_where(node.where)} " + (f"happened {times}" if count else "did not happen") + window


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
            return f"{'no' if negated else 'any'} {path_words(path)}{_where(where)}"
        case Happened():
            return _look_back(node)
        case Named(kind, name):
            return f"{kind} {name}"
        case Anniversary(left):
            return f"anniversary of {path_words(left)}"
        case Both(op, parts):
            whole = f" {op} ".join(spoken(part, inside=True) for part in parts)
            return f"({whole})" if inside else whole
        case Negation(part):
            plain = isinstance(part, Named)
            return f"not {spoken(part)}" if plain else f"not ({spoken(part)})"


def _where(node: Node | None) -> str:
    return f" where {spoken(node, inside=True)}" if node is not None else ""


def _look_back(node: Happened) -> str:
    how = {">=": "at least", "<=": "at most", "is": "exactly"}[node.op]
    times = f" {how} {node.count} times" if node.count else ""
    window = f" in last {duration(node.window)}" if node.window is not None else ""
    this = " including this" if node.including else ""
    return f"{'' if node.count else 'no '}{node.event}{_where(node.where)}{times}{window}{this}"
