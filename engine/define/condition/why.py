"""The same question as `holds`, walked slowly, to say in one line what was seen and what was needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.define.condition import values
from engine.define.condition.words import Moment, day_of, moment, needs, past, path_words, shown, spoken, value_words
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
    Scope,
)

Seen = tuple[bool, str]


def explainer(node: Node) -> Callable[[Scope], str]:
    """The `why` of a condition: one line, never an exception."""
    return lambda scope: see(node, scope, scope.event)[1]


def see(node: Node, scope: Scope, item: Any, wanted: bool = True) -> Seen:
    """Whether `node` holds, and what was seen. What was needed is added where truth is not what was wanted."""
    match node:
        case Compare(left, op, right):
            value, other = read(left, scope, item), _right(right, scope, item)
            truth = values.OPERATORS[op](value, other)
            show = moment if isinstance(right, Moment) else shown
            goal = f"{op} " if op in ("<", "<=", ">", ">=") else {"is": "", "is not": "not "}.get(op, f"{op} ")
            need = goal + (show(other) if isinstance(right, Literal) else f"{path_words(right)}, {_is(other)}")
            return truth, _line(left, show(value), need, truth, wanted, op != "is")
        case Among(left, items, negated):
            value = read(left, scope, item)
            found = [values.OPERATORS["is not" if negated else "is"](value, _right(one, scope, item)) for one in items]
            truth = all(found) if negated else any(found)
            listed = (", " if negated else " or ").join(value_words(one) for one in items)
            return truth, _line(left, shown(value), f"none of {listed}" if negated else listed, truth, wanted, negated)
        case Known(left, negated):
            value = read(left, scope, item)
            truth = (value is None) == negated
            return truth, _line(left, shown(value), f"to be {'un' * negated}known", truth, wanted, False)
        case AnyItem():
            return _any_item(node, scope, item, wanted)
        case Happened():
            return _happened(node, scope, wanted)
        case Named(kind, name):
            truth = values.member(name, getattr(scope, values.GROUPS[kind]))
            said = ("in" if truth else "not in") if kind == "segment" else ("has" if truth else "has no")
            return truth, f"{said} {kind} {name}" + ("" if truth == wanted else needs("it" if wanted else "not"))
        case Anniversary(left):
            value = read(left, scope, item)
            truth = values.anniversary(value, scope.now, scope.zone)
            return truth, _line(left, shown(value), "to have its day today", truth, wanted, False)
        case Both(op, parts):
            seen = [see(part, scope, item, wanted) for part in parts]
            truth = all(one for one, _ in seen) if op == "and" else any(one for one, _ in seen)
            decisive = [text for one, text in seen if one == truth]
            alone = (op == "and") != truth
            return truth, decisive[0] if alone else " and ".join(decisive)
        case Negation(part):
            truth, text = see(part, scope, item, not wanted)
            return not truth, text


def read(path: Path, scope: Scope, item: Any) -> Any:
    """What a path leads to; None when nothing is there."""
    if not path.root:
        return values.follow(item, path.names)
    if path.root in values.ROOTS:
        return values.follow(getattr(scope, path.root), path.names)
    return values.follow(scope.objects, (path.root, *path.names))


def _right(right: Literal | Path, scope: Scope, item: Any) -> Any:
    return right.value if isinstance(right, Literal) else read(right, scope, item)


def _is(value: Any) -> str:
    return f"which is {shown(value)}"


def _line(left: Path, value: str, need: str, truth: bool, wanted: bool, telling: bool) -> str:
    """`basket.total is 12 (needs >= 20)`; when all is as wanted only what adds something is said."""
    seen = f"{path_words(left)} is {value}"
    if truth != wanted:
        return seen + needs(need if wanted else f"not {need}")
    return f"{seen} ({need})" if telling and truth else seen


def _any_item(node: AnyItem, scope: Scope, item: Any, wanted: bool) -> Seen:
    every = values.items(read(node.path, scope, item))
    name = path_words(node.path)
    if every is None:
        return False, f"{name} is unknown" + (needs("a list") if wanted else "")
    hit = next((n for n, one in enumerate(every) if node.where is None or see(node.where, scope, one)[0]), None)
    truth = (hit is not None) != node.negated
    if hit is None:
        text = f"{name} is empty" if not every else f"none of the {len(every)} {name} has {spoken(node.where)}"
        return truth, text + ("" if truth == wanted or every else needs("at least one"))
    if node.where is None:
        text = f"{name} has {len(every)}"
    else:
        text = f"{name} {hit + 1} of {len(every)}: {see(node.where, scope, every[hit])[1]}"
    return truth, text + ("" if truth == wanted else needs("none"))


def _happened(node: Happened, scope: Scope, wanted: bool) -> Seen:
    if node.since is not None and node.uncovered(scope.now):
        return not wanted, f"history of {node.event} begins {day_of(node.since)}: nobody can look back further"
    count = counted(node, scope)
    truth = count >= node.count if node.op == ">=" else count <= node.count if node.op == "<=" else count == node.count
    text = past(node, count)
    if truth == wanted:
        return truth, text
    how = {">=": "at least ", "<=": "at most ", "is": "exactly "}[node.op] + str(node.count)
    need = "none" if node.count == 0 else how
    return truth, text + needs(need if wanted else f"not {need}" if node.count else "some")


def counted(node: Happened, scope: Scope) -> int:
    """How often it happened, counted to the end (`holds` stops as soon as it can)."""
    count = 0
    for one in reversed(values.remembered(scope, node.event)):
        if node.window is not None and one.at <= scope.now - node.window:
            break
        if one.at > scope.now or (not node.including and values.same(one.id, scope.skip)):
            continue
        count += node.where is None or see(node.where, scope, one.data)[0]
    return count
