"""For any condition and any scope: the compiled function, the walk of `why` and plain Python agree, and none raises."""

from __future__ import annotations

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.define.condition import parse_condition, parse_match, parse_where
from engine.define.condition.why import see
from engine.define.condition.words import spoken
from engine.model.condition import Scope
from tests.unit.define.condition.hostile import scopes
from tests.unit.define.condition.oracle import Said, conditions
from tests.unit.define.condition.world import NAMES, PLACE, read

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]
SOUP = (
    "customer.tier event.total order_placed gold 5 is not in [ ] ( ) and or , where any no at least once last 2d == <"
)


@settings(max_examples=200, deadline=None, suppress_health_check=QUIET)
@given(said=conditions(), scope=scopes())
def test_compiled_walked_and_meant_are_one_truth(said: Said, scope: Scope) -> None:
    # given
    condition = read(said.text)
    meant = said.test(scope, scope.event)
    # then
    assert condition.holds(scope) is meant, said.text
    assert see(condition.node, scope, scope.event)[0] is meant, said.text
    why = condition.why(scope)
    assert why
    assert "\n" not in why


@settings(max_examples=60, deadline=None, suppress_health_check=QUIET)
@given(said=conditions(), scope=scopes())
def test_a_condition_put_into_words_again_means_the_same(said: Said, scope: Scope) -> None:
    # given: what `why` would quote of it (a text that looks like a number is quoted, so types survive)
    condition = read(said.text)
    again = read(spoken(condition.node))
    # then
    assert again.holds(scope) is condition.holds(scope), spoken(condition.node)


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=40) | st.lists(st.sampled_from(SOUP.split()), max_size=12).map(" ".join))
@example(text="customer.tier is \ud800")
@example(text="[" * 50)
@example(text="9" * 5000 + " is 3")
@example(text="event.total is " + "9" * 5000)
@example(text="order_placed at least " + "9" * 5000 + " times")
@example(text="order_placed in last \u0663d")  # a digit, but not one of ours
def test_no_text_makes_the_readers_raise(text: str) -> None:
    condition, problems = parse_condition(text, PLACE, NAMES)
    assert (condition is None) == bool(problems)
    match, problems = parse_match(text, PLACE, NAMES)
    assert (match is None) == bool(problems)
    where, problems = parse_where(text, PLACE, NAMES, "order_placed")
    assert (where is None) == bool(problems)
