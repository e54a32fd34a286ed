"""What a message's template reads of the data it is given: names with their places, without rendering it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from jinja2 import TemplateSyntaxError, nodes
from jinja2.loaders import DictLoader

from engine.render.filters import FILTERS
from engine.render.formats import formats
from engine.render.sandbox import MessageEnvironment

# What every message has beside the customer, the event and the objects.
_DATA = {"catalog", "brand", "ui", "link", "links", "voucher", "marketing", "channel", "parts", "layout", "locale"}
_TRANSLATED = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
_JINJA = {"range", "cycler", "joiner", "namespace", "loop", "self", "super", "caller"}
GIVEN = frozenset(_DATA | _TRANSLATED | _JINJA | {"journey", "message_id"})
_METHODS = frozenset({"items", "keys", "values", "get"})


@dataclass(frozen=True, slots=True)
class Read:
    """`start.store.name` at a place: `names` are the properties below `root`.

    `guarded`: it may be missing without harm (`|default`, `is defined`, or inside an `if` that asks for it).
    """

    root: str
    names: tuple[str, ...]
    line: int
    column: int
    guarded: bool

    def __str__(self) -> str:
        return ".".join((self.root, *self.names))


@dataclass(frozen=True, slots=True)
class Reads:
    """All reads of one template, and what its blocks are.

    `lookups` maps a read path to the kind of catalogue item that it names (`catalog.stores[start.store]`);
    `blocks` a block's name to its (line, column).
    """

    reads: tuple[Read, ...] = ()
    lookups: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    blocks: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@cache
def _environment() -> MessageEnvironment:
    env = MessageEnvironment(DictLoader({}), markup=False)
    env.filters.update({**FILTERS, **formats("en", "EUR")})
    return env


def parsed(text: str) -> nodes.Template:
    """A template's tree. Raises TemplateSyntaxError."""
    return _environment().parse(text)


def reads(text: str) -> Reads:
    """What the template `text` reads; nothing when it is no Jinja (the renderer says so)."""
    try:
        tree = parsed(text)
    except TemplateSyntaxError:
        return Reads()
    walker = _Walker(text.splitlines())
    walker.walk(tree, frozenset(), guard=False)
    blocks = {block.name: walker.place(block.lineno, block.name) for block in tree.find_all(nodes.Block)}
    return Reads(tuple(dict.fromkeys(walker.found)), walker.lookups, blocks)


class _Walker:
    """Walks a tree, with the names that the template itself has given a value (`own`)."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.found: list[Read] = []
        self.lookups: dict[tuple[str, ...], str] = {}
        self.asked: list[tuple[str, ...]] = []
        self.own: set[str] = set()

    def walk(self, node: nodes.Node, local: frozenset[str], *, guard: bool) -> None:
        if isinstance(node, nodes.Template):
            # names of loops and sets belong to the template wherever they stand: only typing mistakes are sought
            self.own = {name.name for name in node.find_all(nodes.Name) if name.ctx != "load"}
            self.own |= {macro.name for macro in node.find_all(nodes.Macro)}
        path = _path(node)
        if path is not None:
            self._keep(node, path, guard)
            return
        if isinstance(node, nodes.Filter) and node.name in ("default", "d"):
            guard_inside = True
        else:
            guard_inside = guard or isinstance(node, nodes.Test | nodes.Compare)
        if isinstance(node, nodes.Getitem):
            self._lookup(node)
        if isinstance(node, nodes.If | nodes.CondExpr):
            before = len(self.asked)
            self.walk(node.test, local, guard=True)
            self.asked.extend(p for each in _loads(node.test) if (p := _path(each)) is not None)
            for child in node.iter_child_nodes(exclude=("test",)):
                self.walk(child, local, guard=guard)
            del self.asked[before:]
            return
        for child in node.iter_child_nodes():
            self.walk(child, local, guard=guard_inside)

    def _keep(self, node: nodes.Node, path: tuple[str, ...], guard: bool) -> None:
        root, *names = path
        if root in self.own:
            return
        asked = any(path[: len(each)] == each for each in self.asked)
        line, column = self.place(node.lineno, ".".join(path))
        self.found.append(Read(root, tuple(names), line, column, guard or asked))

    def _lookup(self, node: nodes.Getitem) -> None:
        kind, key = _path(node.node), _path(node.arg)
        if kind is not None and kind[:1] == ("catalog",) and len(kind) == 2 and key is not None:
            self.lookups[key] = kind[1]

    def place(self, line: int, word: str) -> tuple[int, int]:
        """Where `word` stands, from `line` on: a tag of several lines has only one line number."""
        pattern = re.compile(rf"(?<![\w.]){re.escape(word)}(?!\w)")
        for number in range(line, min(line + 12, len(self.lines) + 1)):
            found = pattern.search(self.lines[number - 1])
            if found is not None:
                return number, found.start() + 1
        return line, 1


def _path(node: nodes.Node | None) -> tuple[str, ...] | None:
    """`start.store` as names; None for anything else. A call of a mapping's method is not one."""
    if isinstance(node, nodes.Name):
        return (node.name,) if node.ctx == "load" else None
    if isinstance(node, nodes.Getattr):
        inner = _path(node.node)
        return (*inner, node.attr) if inner is not None and node.attr not in _METHODS else inner
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
        inner = _path(node.node)
        return (*inner, node.arg.value) if inner is not None else None
    return None


def _loads(node: nodes.Node) -> Iterator[nodes.Node]:
    """The node and all nodes in it."""
    yield node
    for child in node.iter_child_nodes():
        yield from _loads(child)
