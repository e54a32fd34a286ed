"""Rules asked all at once by durable_rules say what the compiled functions say, whatever the facts are."""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

import durable_rules_engine
import pytest

from engine.decide.matcher import MOST_PATHS, Matcher, Plain, bearable, packed, ways
from engine.decide.network import Network
from engine.decide.rulebook import Rulebook
from engine.define.condition.compile import compile_node
from engine.define.condition.term import term_of
from engine.define.condition.why import explainer
from engine.model.action import Rule
from engine.model.condition import Among, Both, Compare, Condition, Known, Literal, Named, Negation, Node, Path, Scope
from engine.model.problem import NOWHERE
from engine.model.term import Bit, Group, leaves

NUMBER, TEXT, YES_NO = "number", "text", "yes_no"
FIELDS = {"age": NUMBER, "score": NUMBER, "vip": YES_NO, "city": TEXT, "tier": TEXT, "day": TEXT}
CONSTANTS: Mapping[str, list[Any]] = {
    NUMBER: [-3, 0, 1, 18, 2**53 - 1, 2**53, -(2**53), -1.5, 0.0, 0.1, 2.5, 1e-7, 1e16, 1e300, 1e-310, 5.0],
    YES_NO: [True, False],
    TEXT: [
        "",
        "a",
        "Paris",
        "Île",
        "😀",
        'q"x',
        "b\\c",
        "a\nb",
        "5",
        "true",
        "null",
        "2026-01-02",
        "x" * 999,
        "x" * 1500,
    ],
}
HOSTILE: list[Any] = [None, True, False, 0, 1, 5, -1, 2**53, 2**53 + 1, 2**63, -(2**63), 10**400, -(10**400), 0.0, -0.0]
HOSTILE += [5.0, 1e16, 1e-7, 1.5e-5, 5e-324, 1.7976931348623157e308, float("nan"), float("inf"), -float("inf")]
HOSTILE += [
    "",
    "5",
    "5.0",
    "true",
    "Paris",
    "a\nb",
    "x" * 999,
    "x" * 70_000,
    "\ud800",
    "x\0y",
    "$s",
    '"}',
    "2026-01-02",
]
HOSTILE += [[], ["a"], {}, {"tier": 1}, b"x", object()]


def condition(chance: random.Random, depth: int = 3) -> Node:
    if depth and chance.random() < 0.5:
        parts = tuple(condition(chance, depth - 1) for _ in range(chance.randint(2, 3)))
        return Both(chance.choice(["and", "or"]), parts)
    name = chance.choice(list(FIELDS))
    path, kind, kinds = Path("customer", (name,)), FIELDS[name], chance.random()
    if kinds < 0.1:
        return Known(path, chance.random() < 0.5)
    if kinds < 0.15:
        return Negation(condition(chance, 0))
    if kinds < 0.25:
        items = tuple(Literal(chance.choice(CONSTANTS[kind])) for _ in range(chance.randint(1, 4)))
        return Among(path, items, chance.random() < 0.5)
    if kinds < 0.3:
        return Named("mark", chance.choice(["early", "late"]))
    ops = ["is", "is not"] if kind == YES_NO else ["is", "is not", "<", "<=", ">", ">="]
    return Compare(path, chance.choice(ops), Literal(chance.choice(CONSTANTS[kind])))


def anybody(chance: random.Random) -> Scope:
    customer = {
        name: chance.choice(HOSTILE) if chance.random() < 0.5 else chance.choice(CONSTANTS[kind])
        for name, kind in FIELDS.items()
        if chance.random() < 0.85
    }
    marks = frozenset(mark for mark in ("early", "late") if chance.random() < 0.5)
    return Scope(now=1_700_000_000_000, customer=customer, marks=marks)


def both(nodes: Mapping[str, Node]) -> tuple[Matcher, Plain]:
    matcher = Matcher({name: term_of(node) for name, node in nodes.items()}, tried=False)
    return matcher, Plain({name: compile_node(node, name) for name, node in nodes.items()})


@pytest.mark.slow
def test_a_hundred_thousand_hostile_questions_have_the_same_answer_twice() -> None:
    checks = 0
    for seed in range(40):
        chance = random.Random(seed)
        nodes = {f"rule_{number}": condition(chance) for number in range(chance.randint(1, 80))}
        matcher, plain = both(nodes)
        for _ in range(70):
            scope = anybody(chance)
            assert matcher.match(scope) == plain.match(scope), (seed, scope.customer)
            checks += len(nodes)
        matcher.close()
    assert checks > 100_000


def test_what_the_library_answers_wrongly_is_asked_in_python() -> None:
    path = Path("customer", ("n",))
    huge = Compare(path, "<", Literal(2**53))
    many: Node = Both("and", tuple(Both("or", (Known(path), Known(path))) for _ in range(5)))

    assert isinstance(bearable(term_of(huge)), Bit)
    assert isinstance(bearable(term_of(many)), Bit)  # 32 ways to hold
    assert isinstance(bearable(term_of(Compare(path, "<", Literal(2**53 - 1)))), type(term_of(huge)))
    assert isinstance(term_of(Compare(path, "contains", Literal("x"))), Bit)
    assert isinstance(term_of(Compare(path, "<", Literal("2026-01-02"))), Bit)  # days


@pytest.mark.slow
def test_every_rule_may_hold_at_once() -> None:
    # given conditions that fill rulesets to their limit, all true
    chance = random.Random(5)

    def always(depth: int) -> Node:
        if depth and chance.random() < 0.6:
            parts = tuple(always(depth - 1) for _ in range(chance.randint(2, 3)))
            return Both(chance.choice(["and", "or"]), parts)
        return Compare(Path("customer", (f"f{chance.randint(0, 400)}",)), "is", Literal(1))

    nodes = {f"r_{number}": always(3) for number in range(300)}
    terms = {name: bearable(term_of(node)) for name, node in nodes.items()}
    # when they are packed, then none is above what the C stack holds
    for part in packed(terms, lambda leaf: str(getattr(leaf, "path", id(leaf)))):
        assert sum(ways(terms[name]) for name in part) <= MOST_PATHS
    matcher, _ = both(nodes)
    scope = Scope(now=0, customer={f"f{number}": 1 for number in range(401)})
    assert matcher.match(scope) == set(nodes)
    matcher.close()


def test_threads_share_one_matcher() -> None:
    chance = random.Random(11)
    matcher, plain = both({f"rule_{number}": condition(chance) for number in range(40)})
    people = [anybody(chance) for _ in range(50)]
    wanted = [plain.match(scope) for scope in people]
    wrong: list[int] = []

    def ask() -> None:
        wrong.extend(at for at, scope in enumerate(people) if matcher.match(scope) != wanted[at])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    matcher.close()


@pytest.mark.parametrize("at", ["start_action_for_state", "complete_and_start_action", "retract_fact"])
def test_an_interrupted_answer_is_repaired(at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a network that a time limit hits between two calls
    network = Network({"r0": '{"a0":1}', "r1": '{"a0":1}'})
    real: Callable[..., Any] = getattr(durable_rules_engine, at)
    hits = iter([True])

    def interrupted(*args: Any) -> Any:
        if next(hits, False):
            raise TimeoutError("time is up")
        return real(*args)

    monkeypatch.setattr(durable_rules_engine, at, interrupted)
    with pytest.raises(TimeoutError):
        network.match(',"a0":1', set())
    # when it is asked again
    found: set[str] = set()
    network.match(',"a0":1', found)
    # then it answers in full
    assert found - {"_"} == {"r0", "r1"}
    network.close()


def test_a_ruleset_that_the_library_refuses_is_an_error_and_no_crash() -> None:
    with pytest.raises(RuntimeError, match="does not take these rules"):
        Network({"r0": '{"$nonsense":{"a0":1}}', "r1": "{"})


def test_leaves_of_one_value_share_one_property() -> None:
    path = Path("customer", ("tier",))
    term = term_of(Among(path, (Literal("gold"), Literal("silver"))))
    assert isinstance(term, Group)
    assert len({leaf.path for leaf in leaves(term) if not isinstance(leaf, Bit)}) == 1


@pytest.mark.slow
def test_rules_are_tried_out_in_a_process_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    # given many rules of every kind
    chance = random.Random(3)
    nodes = {f"rule_{number}": condition(chance) for number in range(60)}
    # when they are taken up, then a child has answered like Python
    Matcher({name: term_of(node) for name, node in nodes.items()}).close()
    # and one that hangs, crashes or answers otherwise is found out
    for child, said in (
        ("import time; time.sleep(30)", "did not come back within 0.3 s"),
        ("import os; os.abort()", "failed on a trial"),
        ("print('[]')", "otherwise than Python"),
    ):
        monkeypatch.setattr("engine.decide.trial.SECONDS", 0.3 if "sleep" in child else 10.0)
        monkeypatch.setattr("engine.decide.trial.CHILD", ["-c", child])
        with pytest.raises(RuntimeError, match=said):
            Matcher({"rule": term_of(Compare(Path("customer", ("n",)), "is", Literal(1)))})


def test_rules_are_answered_in_python_where_durable_rules_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = (gold_rule(),)
    gold = Scope(now=0, customer={"tier": "gold"})
    # given a library that cannot be loaded
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)
    monkeypatch.delitem(sys.modules, "engine.decide.network", raising=False)
    book = Rulebook(rules)
    assert book.conclude(gold).marks == {"vip"}
    assert book.engine == "python"
    monkeypatch.undo()
    # and one that fails while it is asked
    book = Rulebook(rules)
    assert book.conclude(Scope(now=0, customer={"tier": "gold"})).marks == {"vip"}
    assert book.engine == "durable_rules"

    def broken(*args: Any) -> Any:
        raise durable_rules_engine.error("out of order")

    monkeypatch.setattr(durable_rules_engine, "start_action_for_state", broken)
    monkeypatch.setattr(Network, "_mend", lambda *args: None)
    assert book.conclude(Scope(now=0, customer={"tier": "gold"})).marks == {"vip"}
    assert book.failures == 1


def gold_rule() -> Rule:
    node = Compare(Path("customer", ("tier",)), "is", Literal("gold"))
    line = Condition("customer.tier is gold", NOWHERE, node, compile_node(node, "gold"), explainer(node))
    return Rule("gold", (line,), term_of(node), ("vip",))
