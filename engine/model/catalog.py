"""Kinds of catalogue items: what names an item, what it has, how long its numbers hold; and whether an item fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

LONGEST = 10_000  # characters of a text
LARGEST = 10**15  # amount of a number
TEXT = "text"


def _falls(before: float, after: float) -> bool:
    return after < before


def _rises(before: float, after: float) -> bool:
    return after > before


def _returns(before: float, after: float) -> bool:
    return before <= 0 < after


def _ends(before: float, after: float) -> bool:
    return after <= 0 < before


# How a number of an item may change: the word of the author, and whether it did.
MOVES: Mapping[str, Callable[[float, float], bool]] = {
    "falls": _falls,
    "rises": _rises,
    "returns": _returns,
    "ends": _ends,
}


@dataclass(frozen=True, slots=True)
class Tell:
    """What the change of an item is for those who showed interest in it: `event`, when its number `field` `moves`.

    `interest` names the events that show it.
    """

    event: str
    field: str
    moves: str
    interest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """`key` is the field that names an item, `fields` the types of the others by name (none: whatever it has).

    Its numbers may be said for `lasts` ms (None: always) after the instant in the field `dated`.
    """

    key: str = "id"
    fields: Mapping[str, str] = field(default_factory=dict)
    dated: str = ""
    lasts: int | None = None
    tells: tuple[Tell, ...] = ()

    def watched(self, item: Mapping[str, Any]) -> dict[str, float]:
        """Of an item, the numbers whose change somebody is told."""
        fields = {each.field: item.get(each.field) for each in self.tells}
        return {
            name: value
            for name, value in fields.items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        }


def strangers(kind: Kind, item: Mapping[str, Any]) -> list[str]:
    """The fields of an item that its kind does not declare."""
    return [name for name in item if name not in kind.fields and name != kind.key] if kind.fields else []


def faults(kind: Kind, key: str, item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each field whose value is not of its type, with a sentence."""
    for name, value in item.items():
        written = kind.fields.get(name, "")
        if name != kind.key and value is not None and not _fits(value, written):
            yield (
                name,
                f"'{name}' of item '{key}' is '{str(value)[:60]}', but {written or 'a text or number'} is declared.",
            )


def _fits(value: Any, written: str) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST
    if written in ("number", "integer"):
        return number and (written == "number" or value == int(value))
    if written == "yes_no":
        return isinstance(value, bool)
    if written in ("date", "instant"):
        return number or _is_instant(value)
    return _is_text(value) or number or (not written and isinstance(value, bool))


def _is_text(value: Any) -> bool:
    """A text, or one for each of several languages."""
    if isinstance(value, Mapping):
        return bool(value) and all(isinstance(each, str) and len(each) <= LONGEST for each in value.values())
    return isinstance(value, str) and len(value) <= LONGEST


def _is_instant(value: Any) -> bool:
    try:
        datetime.fromisoformat(value)
    except (ValueError, TypeError):
        return False
    return True
