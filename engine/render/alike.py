"""Which parts of a message say the same to everybody, so that they need to be rendered only once.

A part is alike when nothing that it goes through (its layout, the blocks that stand in it, the components that these
call) reads anything but what is known beforehand: the brand, the language, the journey, the place, and links that say
nothing of the customer. Where that cannot be told from the templates alone, it is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from jinja2 import TemplateSyntaxError, meta, nodes

from engine.render.links import Links
from engine.render.parts import Part
from engine.render.reads import parsed

LONGEST = 4_000  # characters of a part that is kept
_WORDS = frozenset({"_", "gettext", "ngettext", "pgettext", "npgettext"})
_JINJA = frozenset({"range", "cycler", "joiner", "namespace"})
# What of the roots and globals is the same for everybody who is told a message in one language, at one place.
KNOWN = _WORDS | _JINJA | {"brand", "locale", "layout", "marketing", "channel", "ui", "link"}
_NEVER = (nodes.Include, nodes.Import, nodes.FromImport, nodes.ScopedEvalContextModifier)
_BY_TIME_OR_STOCK = frozenset({"date", "time", "listed"})
_TOP = (nodes.Extends, nodes.Block, nodes.Output, nodes.Macro)
# In a layout they may give a name another meaning for the blocks that follow.
_RENAMING = (nodes.Assign, nodes.AssignBlock, nodes.With, nodes.Macro, nodes.Extends, *_NEVER)
_ADDRESS = frozenset({"address"})

Macros = Mapping[str, nodes.Macro]


class Alike:
    """Asked about the messages of one workspace; what was looked at is not looked at again."""

    def __init__(self, templates: Mapping[str, str], links: Links) -> None:
        self._templates, self._links = templates, links
        self._trees: dict[str, nodes.Template] = {}
        self._fixed: dict[int, bool] = {}  # by a node of these trees

    def __call__(self, message: str, part: Part) -> bool:
        """Whether this part of the message is the same for everybody."""
        if part.limit > LONGEST:
            return False
        try:
            tree, layout, macros = self._trees_of(message, part)
        except (KeyError, TemplateSyntaxError):
            return False
        if not all(isinstance(each, _TOP) for each in tree.body) or any(map(_extends, layout.body)):
            return False
        blocks = {block.name: block for block in tree.find_all(nodes.Block)}
        used = [blocks[block.name] for block in layout.find_all(nodes.Block) if block.name in blocks]
        own, said = _macros(tree), [*(each for each in tree.body if not isinstance(each, nodes.Block)), *used]
        if not all(self._same(each, own) for each in said) or not all(self._same(each, {}) for each in layout.body):
            return False
        return self._calls_the_same([*said, *layout.body], macros)

    def blocks(self, message: str, part: Part) -> tuple[str, ...]:
        """The message's own blocks that say the same to everybody, whatever stands around them in this part."""
        try:
            tree, layout, macros = self._trees_of(message, part)
        except (KeyError, TemplateSyntaxError):
            return ()
        if not all(isinstance(each, _TOP) for each in tree.body) or any(layout.find_all(_RENAMING)):
            return ()
        if not all(_is(each.template, "layout") for each in tree.find_all(nodes.Extends)):
            return ()
        own, scoped = _macros(tree), {block.name for block in layout.find_all(nodes.Block) if block.scoped}
        return tuple(
            block.name
            for block in tree.body
            if isinstance(block, nodes.Block)
            and not (block.scoped or block.name in scoped)
            and not any(_is(each, "super") for each in _within(block))  # the layout's, where nobody has looked
            and self._same(block, own)
            and self._calls_the_same([block, *own.values()], macros)
        )

    def _trees_of(self, message: str, part: Part) -> tuple[nodes.Template, nodes.Template, Macros]:
        """The message, the layout of a part, and the components that stand behind `ui` there."""
        components = _macros(self._tree(f"components/{part.form}.j2"))
        return self._tree(f"messages/{message}.j2"), self._tree(part.layout), components

    def _calls_the_same(self, said: Iterable[nodes.Node], macros: Macros) -> bool:
        """Whether every component that is called says the same."""
        return all(name in macros and self._same(macros[name], macros, _ADDRESS) for name in set(_called(said)))

    def _tree(self, path: str) -> nodes.Template:
        found = self._trees.get(path)
        if found is None:  # the first is kept, whichever thread was it: what is known goes by the ids of its nodes
            found = self._trees.setdefault(path, parsed(self._templates[path]))
        return found

    def _same(self, node: nodes.Node, macros: Macros, more: frozenset[str] = frozenset()) -> bool:
        """Whether what stands in `node` reads nothing but what is known; `macros` that it calls are looked at, too."""
        known = self._fixed.get(id(node))
        if known is None:
            self._fixed[id(node)] = False  # a macro that calls itself
            known = self._fixed[id(node)] = self._reads_nothing(node, macros, more)
        return known

    def _reads_nothing(self, node: nodes.Node, macros: Macros, more: frozenset[str]) -> bool:
        for each in _within(node):
            if isinstance(each, _NEVER) or _is(each, "self"):
                return False
            if isinstance(each, nodes.Filter) and not _BY_TIME_OR_STOCK.isdisjoint(_filters(each)):
                return False
            if isinstance(each, nodes.Extends) and not _is(each.template, "layout"):
                return False
        if isinstance(node, nodes.Output) and all(isinstance(each, nodes.TemplateData) for each in node.nodes):
            return True
        whole = nodes.Template([node], lineno=1)
        whole.set_environment(node.environment)  # type: ignore[arg-type]
        read = meta.find_undeclared_variables(whole)
        if "link" in read and not _leads_everybody(node, self._links):
            return False
        unsure = read - (KNOWN - macros.keys()) - more
        return all(name in macros and self._same(macros[name], macros, more) for name in unsure)


def _leads_everybody(node: nodes.Node, links: Links) -> bool:
    """Whether every `link` is called at once, by a written name, with written parameters, and leads to one page."""
    calls = [each for each in _within(node) if isinstance(each, nodes.Call) and _is(each.node, "link")]
    if len(calls) != sum(_is(each, "link") for each in _within(node)):
        return False
    for call in calls:
        written = [*call.args, *(each.value for each in call.kwargs)]
        if call.dyn_args or call.dyn_kwargs or not all(isinstance(each, nodes.Const) for each in written):
            return False
        name = written[0].value if len(call.args) == 1 and isinstance(written[0], nodes.Const) else None
        if not isinstance(name, str) or not links.alike(name, {each.key for each in call.kwargs}):
            return False
    return True


def _called(said: Iterable[nodes.Node]) -> Iterator[str]:
    """The components that are called; '' for one that is called in another way than `ui.name`."""
    for node in said:
        named = [each.attr for each in _within(node) if isinstance(each, nodes.Getattr) and _is(each.node, "ui")]
        yield from named
        if len(named) != sum(_is(each, "ui") for each in _within(node)):
            yield ""


def _filters(node: nodes.Filter) -> Iterator[str | None]:
    """The filters that are applied: `map` applies another one, which may be named in a way that nobody can foresee."""
    yield node.name
    if node.name == "map":
        for name in node.args[:1]:
            yield name.value if isinstance(name, nodes.Const) else "date"
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            yield "date"


def _macros(tree: nodes.Template) -> Macros:
    return {each.name: each for each in tree.body if isinstance(each, nodes.Macro)}


def _extends(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Extends)


def _is(node: nodes.Node, name: str) -> bool:
    return isinstance(node, nodes.Name) and node.name == name


def _within(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    yield from node.find_all(nodes.Node)
