"""What is built into every template when it is parsed: the meter, and what a message may not do."""

from __future__ import annotations

from jinja2 import TemplateSyntaxError, nodes
from jinja2.visitor import NodeTransformer

from engine.render.hollow import guard_holes, no_holes_between
from engine.render.text import harmful

_DEEPEST = 100
_LONGEST_TEMPLATE = 200_000


def guarded(tree: nodes.Template) -> nodes.Template:
    """The tree with its guards. Raises TemplateSyntaxError for what cannot be allowed."""
    _not_too_deep(tree)
    for holder in tree.find_all((nodes.Block, nodes.If, nodes.For, nodes.Macro)):
        no_holes_between(getattr(holder, "body", []))
    found: nodes.Template = _Guards().visit(tree)
    return found


def short_enough(source: str) -> None:
    """Raises TemplateSyntaxError for a template that takes long to read alone."""
    if len(source) > _LONGEST_TEMPLATE:
        said = f"it has {len(source):,} characters; {_LONGEST_TEMPLATE:,} are the most that a template may have"
        raise TemplateSyntaxError(said, 1)


def nothing_hidden(source: str) -> None:
    """Raises TemplateSyntaxError for a character that would go to customers unseen, and do harm: see `text.harmful`."""
    found = harmful(source)
    if found is not None:
        line = source.count("\n", 0, found) + 1
        said = f"the character U+{ord(source[found]):04X} stands here, which nobody sees and no message may have"
        raise TemplateSyntaxError(said, line)


def too_deep(line: int) -> TemplateSyntaxError:
    """The fault of what is nested without measure."""
    return TemplateSyntaxError("brackets, tags or operators are nested too deep here", line)


def _not_too_deep(tree: nodes.Template) -> None:
    level: list[nodes.Node] = [tree]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in node.iter_child_nodes()]
    if level:
        raise too_deep(level[0].lineno)


def _filtered(node: nodes.Node, name: str, *args: int) -> nodes.Filter:
    given = [nodes.Const(arg) for arg in args]
    return nodes.Filter(node, name, given, [], None, None, lineno=node.lineno)


class _Guards(NodeTransformer):
    """Puts the meter into every loop, comparison and `~`, and refuses to switch escaping off."""

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        if node.recursive:
            raise TemplateSyntaxError("'recursive' is not for messages: loops are counted", node.lineno)
        words = sum(len(data.data) for part in node.body for data in part.find_all(nodes.TemplateData))
        node.iter = _filtered(node.iter, "metered items", 1 + words // 64)
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:
        self.generic_visit(node)
        node.expr = _weighed(node.expr)
        for operand in node.ops:
            operand.expr = _weighed(operand.expr)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        node.nodes = [each if isinstance(each, nodes.Const) else _filtered(each, "shown text") for each in node.nodes]
        return _filtered(node, "metered text")

    def visit_Output(self, node: nodes.Output) -> nodes.Node:
        guard_holes(node)
        self.generic_visit(node)
        return node

    def visit_Include(self, node: nodes.Include) -> nodes.Node:
        return self._another(node)

    def visit_Import(self, node: nodes.Import) -> nodes.Node:
        return self._another(node)

    def visit_FromImport(self, node: nodes.FromImport) -> nodes.Node:
        return self._another(node)

    def _another(self, node: nodes.Include | nodes.Import | nodes.FromImport) -> nodes.Node:
        self.generic_visit(node)
        node.template = _filtered(node.template, "metered include")
        return node

    def visit_ScopedEvalContextModifier(self, node: nodes.ScopedEvalContextModifier) -> nodes.Node:
        raise TemplateSyntaxError("'autoescape' is not for messages: escaping is the layout's business.", node.lineno)


def _weighed(node: nodes.Expr) -> nodes.Expr:
    return node if isinstance(node, nodes.Const) else _filtered(node, "metered value")
