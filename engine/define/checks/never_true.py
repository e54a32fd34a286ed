"""A condition that can never hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.define.checks.behind import Behind
from engine.define.checks.contradiction import clash
from engine.define.checks.flow import following
from engine.define.checks.rule import Rule, Workspace, Written
from engine.define.checks.words import words
from engine.journey.steps.if_ import Fork
from engine.model.condition import (
    Among,
    AnyItem,
    Both,
    Compare,
    Condition,
    Happened,
    Known,
    Negation,
    Node,
    Path,
)
from engine.model.plan import Step
from engine.model.problem import Problem

# These take no time, so what held before them holds after them.
INSTANT = ("if", "split", "suggest", "suppress")


class NeverTrue(Rule):
    """Ranges, equalities and look-backs that exclude one another, in one condition or in nested ones."""

    code = "never_true"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        for written in workspace.journeys:
            yield from self._journey(workspace, written)
        for segment in workspace.plan.segments:
            yield from self._lines(workspace, segment.lines, (), f"nobody is ever in the segment '{segment.name}'")
        for rule in workspace.plan.policies.suppress:
            yield from self._lines(workspace, (rule.when,), (), "this never suppresses anything")

        behind = Behind(workspace.plan)
        for action in workspace.plan.actions.values():
            lines = (*action.eligible, *action.applicable, *action.suitable)
            yield from self._named(workspace, lines, behind, f"the action '{action.name}' is never shown")
        for each in workspace.plan.rules:
            yield from self._named(workspace, each.when, behind, f"the rule '{each.name}' never holds")

    def _named(self, workspace: Workspace, lines: Sequence[Condition], behind: Behind, what: str) -> Iterator[Problem]:
        """As `_lines`, and again with what makes the segments and marks that they name."""
        found = list(self._lines(workspace, lines, (), what))
        yield from found
        pair = clash([behind.meant(line.node) for line in lines]) if not found else None
        if pair is not None:
            yield self._report(workspace, lines[0], pair, f"with its segments and marks written out {what}")

    def _journey(self, workspace: Workspace, written: Written) -> Iterator[Problem]:
        start = written.journey.start
        yield from self._lines(workspace, start.only_if, (), "this journey never starts")
        yield from self._lines(workspace, start.audience, (), "this schedule finds nobody")
        # what held of the start event still does: it never changes
        always = tuple(_of_start(line.node) for line in start.only_if if _only(line.node, ("event",)))
        for match in (*written.journey.goal, *written.journey.stop_if):
            line = match.where or match.condition
            if line is not None:
                yield from self._lines(workspace, (line,), (), "this never ends the journey")
        for step, known in _forks(written.journey.steps, written.journey.first, always):
            yield from self._lines(workspace, step.spec.conditions, known, "'then' is never taken")
        for placed in written.steps:
            spec = placed.step.spec
            where, until = getattr(spec, "where", None), getattr(spec, "until", ())
            if isinstance(where, Condition):
                yield from self._lines(workspace, (where,), (), "no event is ever the one waited for")
            if isinstance(until, tuple) and all(isinstance(line, Condition) for line in until):
                yield from self._lines(workspace, until, (), "the repeating never ends early")

    def _lines(
        self, workspace: Workspace, lines: Sequence[Condition], known: Sequence[Node], what: str
    ) -> Iterator[Problem]:
        nodes = [line.node for line in lines]
        for line in lines:
            for where in _wheres(line.node):
                if (pair := clash([where])) is not None:
                    yield self._report(workspace, line, pair, "this 'where' fits nothing")
                    return
        pair = clash([*known, *nodes])
        if pair is None or clash(known) is not None:
            return
        late = next((line for line in reversed(lines) if _has(line.node, pair)), lines[-1])
        yield self._report(workspace, late, pair, what)

    def _report(self, workspace: Workspace, line: Condition, pair: tuple[Node, Node], what: str) -> Problem:
        left, right = words(pair[0]), words(pair[1])
        both = f"'{left}' and '{right}' exclude each other" if left != right else f"'{left}' never holds"
        width = len(line.text.splitlines()[0])
        hint = "Change one of the two, or write 'or' between them." if left != right else "Take it away."
        return self.in_text(workspace, line.place, width, f"{what}: {both}.", hint)


def _forks(steps: dict[str, Step], first: str, always: tuple[Node, ...]) -> Iterator[tuple[Step, tuple[Node, ...]]]:
    """Each `if` with what is known to hold when a customer comes there by every way."""
    ways: dict[str, list[tuple[Node, ...]]] = {}
    ahead: list[tuple[str, tuple[Node, ...]]] = [(first, always)]
    while ahead:
        name, known = ahead.pop()
        step = steps.get(name)
        if step is None or known in ways.get(name, ()) or len(ways.get(name, ())) > 20:
            continue
        ways.setdefault(name, []).append(known)
        for then in following(step):
            held = known if step.verb.name in INSTANT else tuple(node for node in known if _only(node, ("start",)))
            if isinstance(step.spec, Fork) and then == step.spec.then != step.spec.otherwise:
                held = (*held, *(line.node for line in step.spec.conditions))
            ahead.append((then, held))
    for name, found in ways.items():
        step = steps[name]
        if isinstance(step.spec, Fork) and len(step.spec.conditions):
            common = tuple(node for node in found[0] if all(node in other for other in found[1:]))
            yield step, common


def _paths(node: Node) -> Iterator[Path | None]:
    """What a tree reads; None for what is no property of a root."""
    if isinstance(node, Both):
        for part in node.parts:
            yield from _paths(part)
    elif isinstance(node, Negation):
        yield from _paths(node.part)
    elif isinstance(node, Compare | Among | Known):
        yield node.left
    else:
        yield None


def _only(node: Node, roots: tuple[str, ...]) -> bool:
    return all(path is not None and path.root in roots for path in _paths(node))


def _of_start(node: Node) -> Node:
    """`event.x` of the start's conditions is `start.x` in the steps."""
    if isinstance(node, Both):
        return replace(node, parts=tuple(_of_start(part) for part in node.parts))
    if isinstance(node, Negation):
        return replace(node, part=_of_start(node.part))
    if isinstance(node, Compare | Among | Known):
        return replace(node, left=Path("start", node.left.names))
    return node


def _wheres(node: Node) -> Iterator[Node]:
    if isinstance(node, Both):
        for part in node.parts:
            yield from _wheres(part)
    elif isinstance(node, Negation):
        yield from _wheres(node.part)
    elif isinstance(node, Happened | AnyItem) and node.where is not None:
        yield node.where


def _has(node: Node, pair: tuple[Node, Node]) -> bool:
    if node in pair:
        return True
    parts: Sequence[Node] = node.parts if isinstance(node, Both) else ()
    return any(_has(part, pair) for part in parts)
