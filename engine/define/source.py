"""YAML with positions: the one reader of YAML.

Scalars are YAML 1.2's: `on`, `NO`, `22:00` and `010` stay text. Duplicate keys are refused with both
places, alias bombs and endless aliases too.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

import yaml

from engine.define.doc import Doc, Mark, Path
from engine.define.salvage import salvage
from engine.define.yaml_faults import syntax
from engine.model.problem import Place, Problem

MOST_NODES = 50_000
MOST_BYTES = 2_000_000
DEEPEST = 60

_TAG = "tag:yaml.org,2002:"


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """The C loader without YAML 1.1's guesses."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


for _name, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]+(?:[eE][-+]?[0-9]+)?)$", "-+0123456789"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
):
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(_pattern), list(_first))


def read_yaml(file: str, text: str) -> Doc:
    """Parse one file. What is wrong is in `doc.problems`; `doc.data` is None when nothing could be read.

    Of a file that is no YAML the rest is read without the lines at fault: see engine/define/salvage.py.
    """
    doc = Doc(file, text)
    if len(text) > MOST_BYTES:
        doc.add(Problem(Place(file), f"this file has {len(text):,} characters; {MOST_BYTES:,} are the most.", "yaml"))
        return doc
    try:
        node = _node(text)
    except yaml.YAMLError as fault:
        problem = syntax(doc, fault)
        doc.add(problem)
        doc.lost = salvage(text, problem.place.line, lambda rest: _fill(doc, rest))
        return doc
    except RecursionError:
        doc.add(Problem(Place(file, 1, 1), "this file is nested too deeply.", "yaml"))
        doc.lost = text
        return doc
    if node is not None:
        walker = _Walker(doc)
        doc.data = walker.value(node, ())
        if walker.full:  # what is cut off would be complained of once more
            doc.data, doc.lost = None, text
    return doc


def _node(text: str) -> yaml.Node | None:
    loader = _Loader(text)
    try:
        found: yaml.Node | None = loader.get_single_node()
        return found
    finally:
        loader.dispose()


def _fill(doc: Doc, rest: str) -> bool:
    """Read `rest`, a part of the file with its lines in their places, into `doc`; False when it is no YAML."""
    try:
        node = _node(rest)
    except (yaml.YAMLError, RecursionError):
        return False
    if node is None:
        return False
    aside = Doc(doc.file, rest)
    aside.data = _Walker(aside).value(node, ())
    doc.data, doc.values, doc.keys = aside.data, aside.values, aside.keys
    return True


class _Walker:
    """Turns nodes into plain data and keeps marks, with bounds on size, depth and aliases."""

    def __init__(self, doc: Doc) -> None:
        self.doc = doc
        self.count = 0
        self.inside: set[int] = set()
        self.full = False

    def value(self, node: yaml.Node, path: Path) -> Any:
        mark = self._mark(node)
        self.doc.values[path] = mark
        self.count += 1
        if self.count > MOST_NODES or len(path) > DEEPEST:
            if not self.full:
                self.full = True
                what = "nested too deeply" if len(path) > DEEPEST else f"more than {MOST_NODES:,} values"
                hint = "Is an alias (*name) multiplying them?" if len(path) <= DEEPEST else ""
                self._problem(mark, f"this file has too much in it: {what}.", hint)
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, mark)
        if id(node) in self.inside:
            self._problem(mark, "this alias (*name) contains itself.", "")
            return None
        self.inside.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.value(child, (*path, index)) for index, child in enumerate(node.value)]
            return self._mapping(node, path)
        finally:
            self.inside.discard(id(node))

    def _mapping(self, node: yaml.Node, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        first: dict[str, Mark] = {}
        for key_node, value_node in node.value:
            mark = self._mark(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(mark, "a list or braces cannot be a key here.", "Put text with '{', '[' in quotes.")
                continue
            key = key_node.value
            if key in first:
                hint = f"It stands first at line {first[key].line}: keep one of the two."
                self._problem(mark, f"'{key}' is written twice.", hint)
                continue
            first[key] = mark
            self.doc.keys[(*path, key)] = mark
            found[key] = self.value(value_node, (*path, key))
        return found

    def _scalar(self, node: yaml.ScalarNode, mark: Mark) -> Any:
        tag, text = node.tag, node.value
        if tag == _TAG + "bool":
            return text.lower() == "true"
        if tag == _TAG + "null":
            return None
        if tag == _TAG + "int":
            return int(text) if len(text) < 20 else text
        if tag == _TAG + "float":
            return float(text)
        if tag != _TAG + "str":
            self._problem(mark, f"the tag '{node.tag}' means nothing here.", "Take it away.")
        return text

    def _mark(self, node: yaml.Node) -> Mark:
        start, end = node.start_mark, node.end_mark
        width = end.column - start.column if end.line == start.line else 1
        return Mark(start.line + 1, start.column + 1, max(1, width))

    def _problem(self, mark: Mark, message: str, hint: str) -> None:
        self.doc.add(Problem(Place(self.doc.file, mark.line, mark.column), message, "yaml", hint, mark.width))
