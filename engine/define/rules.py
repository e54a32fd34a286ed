"""`rules:` - what follows from what is known of a customer: marks that other rules read, boosts for actions."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pydantic import Field

from engine.define.condition import Names
from engine.define.condition.term import term_of
from engine.define.doc import Doc, Path, did_you_mean
from engine.define.lines import read_lines
from engine.define.shape import shaped
from engine.define.shapes import Shape
from engine.model.action import Boost, Rule
from engine.model.condition import Both

# A boost beyond is a slip of the pen: mandatory: true says what it means.
MOST_BOOST = 1_000.0


class BoostShape(Shape):
    """What a rule multiplies."""

    action: str = Field(description="The action.")
    by: float = Field(gt=0, le=MOST_BOOST, description="Its score is multiplied by this: 1.5 raises, 0.5 lowers.")


class ThenShape(Shape):
    """What a rule concludes: marks, boosts, or both."""

    mark: str | list[str] = Field(default_factory=list, description="A mark that other rules and actions may read.")
    boost: BoostShape | list[BoostShape] = Field(default_factory=list, description="{action: call_back, by: 3}")


class RuleShape(Shape):
    """One rule."""

    about: str = Field(default="", description="Why it is there, in a sentence.")
    when: str | list[str] = Field(description="Conditions; all of them must hold.")
    then: ThenShape = Field(description="{mark: vip}, or {boost: {action: call_back, by: 3}}.")


def marks_of(doc: Doc | None) -> frozenset[str]:
    """The marks that a document's rules give, however well the rest of it reads."""
    rules = doc.data.get("rules") if doc is not None and isinstance(doc.data, dict) else None
    found: set[str] = set()
    for rule in rules.values() if isinstance(rules, dict) else rules if isinstance(rules, list) else ():
        then = rule.get("then") if isinstance(rule, dict) else None
        mark = then.get("mark") if isinstance(then, dict) else None
        found |= {str(each) for each in (mark if isinstance(mark, list) else [mark]) if each}
    return frozenset(found)


def compile_rules(doc: Doc | None, names: Names, actions: Mapping[str, object]) -> tuple[Rule, ...]:
    """The rules by name; what is wrong goes to `doc`. Those that wait for each other are left out."""
    if doc is None:
        return ()
    data = doc.data.get("rules")
    if not isinstance(data, dict):
        doc.problem(("rules",), "rules have names, one a line.", "Write 'care_first: {when: ..., then: ...}'.")
        return ()
    found: list[Rule] = []
    for name, written in sorted(data.items(), key=lambda each: str(each[0])):
        path: Path = ("rules", name)
        shape = shaped(doc, written, RuleShape, path)
        if shape is not None:
            rule = _rule(doc, path, str(name), shape, names, actions)
            if rule is not None:
                found.append(rule)
    return tuple(_without_circle(doc, found))


def _rule(doc: Doc, path: Path, name: str, shape: RuleShape, names: Names, actions: Collection[str]) -> Rule | None:
    lines = read_lines(doc, (*path, "when"), shape.when, names)
    marks = [shape.then.mark] if isinstance(shape.then.mark, str) else shape.then.mark
    single = not isinstance(shape.then.boost, list)
    boosts = [shape.then.boost] if isinstance(shape.then.boost, BoostShape) else shape.then.boost
    written = doc.data["rules"][path[-1]].get("then") if isinstance(doc.data["rules"][path[-1]], dict) else None
    if not marks and not boosts and not (isinstance(written, dict) and written.keys() & {"mark", "boost"}):
        hint = "Write {mark: vip}, or {boost: {action: call_back, by: 3}}."
        doc.problem((*path, "then"), "nothing follows from this rule.", hint, code="rule")
    for index, boost in enumerate(boosts):
        if boost.action not in actions:
            at = (*path, "then", "boost", *(() if single else (index,)), "action")
            doc.problem(at, f"no action '{boost.action}'.", did_you_mean(boost.action, actions), code="unknown_action")
    if not lines:
        if not shape.when:
            doc.problem((*path, "when"), "this rule has no condition.", "Write at least one line.", code="rule")
        return None
    term = term_of(Both("and", tuple(line.node for line in lines)) if len(lines) > 1 else lines[0].node)
    return Rule(
        name,
        lines,
        term,
        tuple(marks),
        tuple(Boost(boost.action, boost.by) for boost in boosts if boost.action in actions),
        shape.about,
        doc.place(path, key=True),
    )


def _without_circle(doc: Doc, rules: list[Rule]) -> list[Rule]:
    from engine.decide.strata import circle

    while names := circle(rules):
        around = " -> ".join(names)
        first = min(names)
        doc.problem(
            ("rules", first),
            f"these rules wait for each other's marks: {around}.",
            "Take the mark out of one of them.",
            code="rule_circle",
            key=True,
        )
        rules = [rule for rule in rules if rule.name not in names]
    return rules
