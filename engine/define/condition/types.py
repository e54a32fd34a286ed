"""Written values against declared types: what a word means beside its left side, and which comparisons make sense."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from difflib import get_close_matches

from engine.define.condition.fault import Fault
from engine.define.condition.names import spoken
from engine.define.condition.words import Moment
from engine.model.condition import Literal
from engine.model.vocabulary import Type

NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}
_ORDERED = ("number", "date", "instant")
_FAMILY = {"integer": "number"}


def family(type_: Type | None) -> str:
    """'number' for integer too; '' when the type is unknown."""
    return _FAMILY.get(type_.name, type_.name) if type_ else ""


def check_operator(left: str, type_: Type | None, op: str) -> None:
    """Raise Fault when `op` makes no sense for a left side of this type."""
    kind = family(type_)
    if type_ is None:
        return
    if op in ("<", "<=", ">", ">=") and kind not in _ORDERED:
        other = f"Write '{left} contains ...'." if kind == "list" else f"Write '{left} is ...' or '{left} in [...]'."
        raise Fault(f"'{op}' compares numbers, dates and instants, but {left} is {spoken(type_)}", other)
    if op == "contains" and kind not in ("list", "text"):
        raise Fault(f"'contains' asks a list or a text, but {left} is {spoken(type_)}", f"Write '{left} is ...'.")
    if op == "starts with" and kind != "text":
        raise Fault(f"'starts with' asks a text, but {left} is {spoken(type_)}")
    if op in ("is", "is not", "in", "not in") and kind == "list":
        raise Fault(f"{left} is a list", f"Write '{left} contains ...' or 'any {left} where ...'.")
    if kind == "item":
        known = ", ".join(type_.fields)
        raise Fault(f"{left} is a group of properties, not one value", f"Name one of them: {known}." if known else "")


def expected(type_: Type | None, op: str) -> Type | None:
    """The type that the right side must have."""
    if op == "contains" and type_ is not None:
        return type_.of if type_.name == "list" else replace(type_, one_of=())  # of a text it is a piece
    return type_


def check_paths(left: str, want: Type | None, op: str, right: str, type_: Type | None) -> None:
    """Raise Fault when a path on the right can never equal, or be ordered with, the left side."""
    if type_ is None:
        return
    if type_.name in ("list", "item"):
        raise Fault(f"{right} is {spoken(type_)}, not one value", f"Write '{right} contains ...'.")
    if want is not None and family(want) != family(type_):
        raise Fault(f"{left} is {spoken(want)}, but {right} is {spoken(type_)}: they are never equal")
    if want is None and op in ("<", "<=", ">", ">=") and family(type_) not in _ORDERED:
        raise Fault(f"'{op}' compares numbers, dates and instants, but {right} is {spoken(type_)}")


def literal(written: str, quoted: bool, left: str, want: Type | None, op: str) -> Literal:
    """The value a written word or quoted text is beside `left`. Raises Fault when it cannot be one."""
    kind = family(want)
    if want is not None and want.one_of and written not in want.one_of and op != "starts with":
        near = get_close_matches(written, want.one_of, 1)
        hint = f"Did you mean '{near[0]}'?" if near else ""
        says = "never contains" if op == "contains" else "is never"
        raise Fault(f"{left} {says} '{written}': it is one of {', '.join(want.one_of)}", hint)
    if op == "starts with" or kind == "text":
        return Literal(written)
    if kind == "number":
        return Literal(_number(written, quoted, left))
    if kind == "yes_no":
        if quoted or written not in _YES_NO:
            raise Fault(f"{left} is yes or no, not '{written}'", f"Write '{left} is yes' or '{left} is no'.")
        return Literal(_YES_NO[written])
    if kind == "date":
        return Literal(_date(written, left).isoformat())
    if kind == "instant":
        at = _instant(written, quoted, left)
        return Literal(at) if NUMBER.fullmatch(written) else Moment(at)
    if not quoted and NUMBER.fullmatch(written):
        return Literal(_number(written, quoted, left))
    if op in ("<", "<=", ">", ">=") and not DAY.fullmatch(written):
        raise Fault(f"'{op}' compares numbers, dates and instants, not '{written}'")
    return Literal(written)


def _number(written: str, quoted: bool, left: str) -> float:
    if quoted and NUMBER.fullmatch(written):
        raise Fault(f"{left} is a number, but the quotes make this text", f"Write {written} without quotes.")
    if not NUMBER.fullmatch(written):
        raise Fault(f"{left} is a number, not '{written}'", f"Write for example '{left} >= 20'.")
    if len(written) > 30:
        raise Fault("a number has at most 30 digits here")
    return float(written) if "." in written else int(written)


def _date(written: str, left: str) -> date:
    try:
        if DAY.fullmatch(written):
            return date.fromisoformat(written)
    except ValueError:
        raise Fault(f"there is no day {written} in the calendar") from None
    raise Fault(f"{left} is a date, not '{written}'", "Write a date as 2026-03-01.")


def _instant(written: str, quoted: bool, left: str) -> int:
    """Epoch ms. A date means its midnight in UTC; quoted, a time of day may follow (UTC unless it says)."""
    if not quoted and NUMBER.fullmatch(written):
        return int(_number(written, quoted, left))
    try:
        midnight = datetime.min.time()
        moment = datetime.fromisoformat(written) if quoted else datetime.combine(_date(written, left), midnight)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return int(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        hint = 'Write a date as 2026-03-01, or "2026-03-01T10:00:00Z" in quotes.'
        raise Fault(f"{left} is an instant, not '{written}'", hint) from None
    except Fault as fault:
        if fault.hint:
            raise Fault(f"{left} is an instant, not '{written}'", fault.hint) from None
        raise
