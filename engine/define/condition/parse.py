"""From a line of text to a compiled condition, or to the problems that stand in its way."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from engine.define.condition.compile import compile_node
from engine.define.condition.fault import Fault
from engine.define.condition.names import Item, Names, event_item, nearest
from engine.define.condition.syntax import explain
from engine.define.condition.why import explainer
from engine.model.condition import Condition, Match, Node
from engine.model.problem import Place, Problem

# lark is loaded when the first condition is read, not when this module is.
if TYPE_CHECKING:
    from lark import Lark, Token, Tree

CODE = "condition"


@cache
def parser() -> Lark:
    """The parser, made once (about a tenth of a second)."""
    from lark import Lark

    grammar = files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", propagate_positions=True, maybe_placeholders=True)


class _Reading:
    """One text being read: where it stands, what may be named, and what was wrong."""

    def __init__(self, text: str, place: Place, names: Names) -> None:
        self.text = text
        self.place = place
        self.names = names
        self.problems: list[Problem] = []

    def report(self, fault: Fault) -> None:
        token = fault.token
        start = (token.start_pos or 0) if token is not None else 0
        self.problem(start, len(token) if token is not None else 1, fault.message, fault.hint)

    def problem(self, position: int, width: int, message: str, hint: str) -> None:
        self.problems.append(Problem(self.at(position), f"{message}.", CODE, hint, width))

    def at(self, position: int) -> Place:
        """Where a character of the text stands in the file (further lines begin in the column of the first)."""
        before = self.text[:position]
        column = self.place.column + position - (before.rfind("\n") + 1)
        return Place(self.place.file, self.place.line + before.count("\n"), column)

    def tree(self) -> Tree[Token] | None:
        from lark.exceptions import UnexpectedInput

        try:
            tree: Tree[Token] = parser().parse(self.text).children[0]  # type: ignore[assignment]
        except UnexpectedInput as error:
            self.problem(*explain(error, self.text))
            return None
        return tree

    def condition(self, tree: Tree[Token], item: Item | None, *, match: bool = False) -> Condition | None:
        from engine.define.condition.build import Builder

        node = Builder(self.names, self.report, match=match).build(tree, item)
        if node is None or self.problems:
            return None
        return finish(self.text, self.place, node)


def finish(text: str, place: Place, node: Node) -> Condition:
    """The compiled condition of a tree."""
    return Condition(text, place, node, compile_node(node, str(place)), explainer(node))


def parse_condition(text: str, place: Place, names: Names) -> tuple[Condition | None, list[Problem]]:
    """Read one line. `place` is where its first character stands. Either a condition or at least one problem."""
    reading = _Reading(text, place, names)
    tree = reading.tree()
    return (reading.condition(tree, None) if tree is not None else None), reading.problems


def parse_where(text: str, place: Place, names: Names, event: str) -> tuple[Condition | None, list[Problem]]:
    """Read the `where:` of a step that waits for `event`: bare names are its properties, `and` and `or` are free.

    The condition is asked with the event's view as `scope.event`.
    """
    reading = _Reading(text, place, names)
    if event not in names.events:
        reading.problem(0, 1, f"no event '{event}' is declared in the vocabulary", nearest(event, names.events))
        return None, reading.problems
    tree = reading.tree()
    item = event_item(names.events[event])
    reading.names = _looking_at(names, item)
    return (reading.condition(tree, item) if tree is not None else None), reading.problems


def parse_match(text: str, place: Place, names: Names) -> tuple[Match | None, list[Problem]]:
    """Read a line of `goal` or `stop_if`: an event, `EVENT where ...`, or else a condition on the state."""
    reading = _Reading(text, place, names)
    tree = reading.tree()
    if tree is None:
        return None, reading.problems
    name = tree.children[0]
    if tree.data == "happened" and name in names.events and tree.children[2:] == [None, None, None]:
        where = _match_where(reading, tree, str(name))
        return (None if reading.problems else Match(text, place, str(name), where)), reading.problems
    condition = reading.condition(tree, None, match=True)
    return (Match(text, place, condition=condition) if condition else None), reading.problems


def _match_where(reading: _Reading, tree: Tree[Token], event: str) -> Condition | None:
    from engine.define.condition.build import Builder

    where: Any = tree.children[1]
    if where is None:
        return None
    body = where.children[0]
    item = event_item(reading.names.events[event])
    node = Builder(_looking_at(reading.names, item), reading.report).build(body, item)
    if node is None:
        return None
    start, end = body.meta.start_pos, body.meta.end_pos
    return finish(reading.text[start:end], reading.at(start), node)


def _looking_at(names: Names, item: Item) -> Names:
    """The names inside a match: `event` is the event looked at."""
    return Names({**names.roots, "event": item.fields}, names.events, names.segments, names.marks)
