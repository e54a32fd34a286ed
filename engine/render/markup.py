"""HTML in a message that would let a value become more than a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2 import nodes

# What no mail program runs, and nobody means.
_ACTIVE = re.compile(
    r"<(script|iframe|object|embed|form|base|meta|link)\b|\s(on[a-z]+)\s*=|(javascript|vbscript):", re.I
)
# The attribute that is open where a text ends: its name, and its quote if it has one.
_OPEN = re.compile(r"<[a-zA-Z][^<>]*\s([\w-]+)\s*=\s*(?:([\"'])(?:(?!\2)[^<>])*)?$")
_ADDRESSES = frozenset(["href", "src", "background", "action", "srcset", "poster"])
_VALUE = "\0"
Finding = tuple[int, str, str, str]  # line, message, hint, the word that is meant


def unsafe(tree: nodes.Template) -> Iterator[Finding]:
    """What stands in the blocks of a message; escaping does not help there."""
    for block in tree.find_all(nodes.Block):
        written = ""
        for node in _parts(block):
            if isinstance(node, nodes.TemplateData):
                written = (written + node.data)[-2_000:]
                for found in _ACTIVE.finditer(node.data):
                    word = next(filter(None, found.groups()))
                    line = node.lineno + node.data.count("\n", 0, found.start())
                    yield line, f"'{word}' does not belong in a message.", "No mail program lets it work.", word
                continue
            yield from _in_attribute(written, node)
            written += _VALUE


def _in_attribute(written: str, node: nodes.Node) -> Iterator[Finding]:
    found = _OPEN.search(written)
    if found is None or _of_the_brand(node):
        return
    name, quote = found[1].lower(), found[2]
    if not quote:
        yield node.lineno, f"{name}= has no quotes around its value.", f'Write {name}="{{{{ ... }}}}".', name
    elif name in _ADDRESSES and not _a_link(node) and written.endswith(quote):
        hint = 'Write {{ link("name") }}, or use ui.button and ui.image: they refuse what is no address.'
        yield node.lineno, f"a value stands as {name}=, and it may be any address.", hint, name
    elif name == "style":
        yield node.lineno, "a value stands in style=, and it may be any style.", "Take colours from the brand.", name


def _a_link(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Call):
        return isinstance(node.node, nodes.Name) and node.node.name == "link"
    return isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name == "links"


def _of_the_brand(node: nodes.Node) -> bool:
    while isinstance(node, nodes.Getattr):
        node = node.node
    return isinstance(node, nodes.Name) and node.name == "brand"


def _parts(node: nodes.Node) -> Iterator[nodes.Node]:
    """Texts and values in the order they are written."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Output):
            yield from child.nodes
        elif isinstance(child, nodes.Stmt):
            yield from _parts(child)
