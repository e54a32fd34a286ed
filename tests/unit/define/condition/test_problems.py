"""Every mistake is answered at its word, with what to write instead."""

from __future__ import annotations

import pytest

from engine.define.condition import Names, parse_condition
from engine.model.problem import Place
from tests.unit.define.condition.world import NAMES, PLACE

# what is written, the word that is underlined, and the answer
MISTAKES: list[tuple[str, str, str]] = [
    ("basket.totl > 3", "basket.totl", "basket has no property 'totl'. Did you mean 'total'?"),
    ("custmer.tier is gold", "custmer.tier", "'custmer' cannot be read here. Did you mean 'customer'?"),
    ("order_plcd in last 2h", "order_plcd", "no event 'order_plcd' is declared in the vocabulary. Did you mean"),
    ("segment vipp", "vipp", "no segment is called 'vipp'. Did you mean 'vip'?"),
    ("mark loyl", "loyl", "no rule gives the mark 'loyl'. Did you mean 'loyal'?"),
    ("vip", "vip", "'vip' is a segment. Write 'segment vip'."),
    ("total > 3", "total", "'total' does not say whose. Did you mean 'event.total'?"),
    (
        "reach.marketing contains smz",
        "smz",
        "reach.marketing never contains 'smz': it is one of email, sms. Did you mean 'sms'?",
    ),
    ("reach.marketing is sms", "reach.marketing", "reach.marketing is a list. Write 'reach.marketing contains ...'"),
    ("customer is gold", "customer", "'customer' alone says nothing: name a property of it."),
    ("customer.tier", "customer.tier", "'customer.tier' alone says nothing. Write what it must be:"),
    ("event.to.town is x", "event.to.town", "event.to has no property 'town'."),
    ("event.to is x", "event.to", "event.to is a group of properties, not one value. Name one of them: city."),
    ("event.total.x is 3", "event.total.x", "event.total is a number, it has no property 'x'."),
    ("event.lines.qty is 3", "event.lines.qty", "event.lines is a list. Write 'any event.lines where qty is ...'."),
    ("event.tags is x", "event.tags", "event.tags is a list. Write 'event.tags contains ...'"),
    ("event.tags > 3", "event.tags", "'>' compares numbers, dates and instants, but event.tags is a list."),
    ("any event.tags where x is y", "x", "'x' is not known here: an item of event.tags is text. Call it 'it'."),
    ("any customer.tier where it is x", "customer.tier", "customer.tier is text, not a list: 'any' asks lists."),
    ("any order_placed", "order_placed", "'order_placed' is an event: 'any' asks a list. Write 'order_placed"),
    ("no event.lines in last 3d", "in", "'event.lines' is a list: it has no times and no 'in last'."),
    ("order_placed where totl > 3", "totl", "order_placed has no property 'totl'. Did you mean 'total'?"),
    ("order_placed where no basket_emptied", "basket_emptied", "'basket_emptied' is an event: a look-back cannot"),
    ("order_placed where (gift once)", "gift", "'gift' says nothing here: a look-back cannot stand inside a 'where'."),
    ("order_placed where gift is yes and total > 3", "total", "'total' does not say whose. More than one comparison"),
    ("order_placed where gift is yes and start.total > 3 in last 3d", "in", "'in' does not fit here: the condition"),
    # operators of other languages
    ("customer.tier == gold", "==", "'==' is not used here. Write 'customer.tier is gold'."),
    ("customer.tier = gold", "=", "'=' is not used here. Write 'customer.tier is gold'."),
    ("customer.tier != gold", "!=", "'!=' is not used here. Write 'customer.tier is not gold'."),
    ("event.total => 3", "=>", "'=>' is not used here. Write 'event.total >= 3'."),
    ("event.total > 3 && segment vip", "&", "& cannot be read here. Write 'and'."),
    ("event.total above 3", "above", "'above' does not fit here: after a name comes a comparison"),
    ("event.total > 3 AND segment vip", "AND", "'AND' does not fit here: the condition is complete before it;"),
    ("Segment vip", "vip", "'vip' does not fit here: after a name comes a comparison"),
    ("customer.tier is not known", "known", "'is not known' is said in one word. Write 'customer.tier is unknown'."),
    # `not` and `no`
    ("not order_placed", "not", "'not' stands before parentheses, a segment or a mark. Write 'no order_placed ...'."),
    ("not customer.tier is gold", "not", "'not' stands before parentheses, a segment or a mark. Write 'not ( ... )'."),
    ("no order_placed at least 3 times", "at", "'no' already says how often. Write 'order_placed at most N times'"),
    # values beside types
    ("customer.tier > 3", "customer.tier", "'>' compares numbers, dates and instants, but customer.tier is text."),
    ("customer.subscribed is 3", "3", "customer.subscribed is yes or no, not '3'. Write 'customer.subscribed is yes'"),
    ("customer.subscribed > 3", "customer.subscribed", "'>' compares numbers, dates and instants, but"),
    ("event.total > lots", "lots", "event.total is a number, not 'lots'. Write for example 'event.total >= 20'."),
    ('event.total > "3"', '"3"', "event.total is a number, but the quotes make this text. Write 3 without quotes."),
    ("event.total is " + "9" * 31, "9" * 31, "a number has at most 30 digits here."),
    ("event.total contains 3", "event.total", "'contains' asks a list or a text, but event.total is a number."),
    ("event.total starts with 3", "event.total", "'starts with' asks a text, but event.total is a number."),
    ("customer.birthday > soon", "soon", "customer.birthday is a date, not 'soon'. Write a date as 2026-03-01."),
    ("customer.birthday is 2026-02-30", "2026-02-30", "there is no day 2026-02-30 in the calendar."),
    ("customer.since > soon", "soon", "customer.since is an instant, not 'soon'. Write a date as 2026-03-01."),
    ('customer.since > "at noon"', '"at noon"', "customer.since is an instant, not 'at noon'."),
    ("customer.since > 2026-02-30", "2026-02-30", "there is no day 2026-02-30 in the calendar."),
    ("event.total is event.store", "event.store", "event.total is a number, but event.store is text: they are never"),
    ("event.store is event.tags", "event.tags", "event.tags is a list, not one value. Write 'event.tags contains"),
    ("context.x > event.store", "event.store", "'>' compares numbers, dates and instants, but event.store is text."),
    ("context.x > lots", "lots", "'>' compares numbers, dates and instants, not 'lots'."),
    ("event.store in []", "event.store", "there is nothing in this list. Write 'event.store in [a, b]'."),
    ("event.store in lyon", "lyon", "'lyon' does not fit here: after 'in' comes a list such as [a, b]"),
    # look-backs
    ("order_placed in last 5", "5", "'5' has no unit: write '5m' or '5h'."),
    ("order_placed in last 0m", "0m", "a look-back of 0m sees nothing."),
    ("order_placed in last 401d", "401d", "order_placed is kept 400d (vocabulary.yaml:12), so nothing can look back"),
    (
        "short_lived in last 2 weeks",
        "2",
        "short_lived is kept 7d (vocabulary.yaml:30), so nothing can look back 2 weeks",
    ),
    ("order_placed at least 0 times", "at", "'at least 0 times' is not how it is said. It always does: leave it out."),
    ("order_placed at most 0 times", "at", "'at most 0 times' is not how it is said. Write 'no order_placed'."),
    (
        "order_placed exactly many times",
        "exactly",
        "'many' is not how often something happens. Write 'exactly 3 times'.",
    ),
    ("order_placed at least 3 in last 2d", "in", "'in' does not fit here: after a number comes 'times'."),
    # what cannot be read at all
    ("customer.tier is two words", "words", "'words' does not fit here: the condition is complete before it;"),
    ("customer.tier is", "", "the condition ends too early: a value is missing, such as gold"),
    ("customer.tier is gold and", "", "the condition ends too early: here comes a name."),
    ("(customer.tier is gold", "", "the condition ends too early: write and, or, or a closing ')'."),
    ("customer.tier is gold)", ")", "')' does not fit here: the condition is complete before it;"),
    ("customer.tier is \u201cgold\u201d", "\u201c", '\u201c cannot be read here. Write straight quotes: "...".'),
    ('customer.tier is "gold', '"', '" cannot be read here. These quotes are never closed.'),
    ("event.total > 50%", "%", "'%' cannot be read here. Put text with such characters in quotes"),
]


@pytest.mark.parametrize(("text", "word", "answer"), MISTAKES)
def test_a_mistake_is_answered_at_its_word(text: str, word: str, answer: str) -> None:
    # when
    condition, problems = parse_condition(text, PLACE, NAMES)
    # then
    assert condition is None
    said = str(problems[0]).split(": ", 1)[1]
    assert said.startswith(answer)
    start = problems[0].place.column - PLACE.column
    assert text[start : start + problems[0].width] == word
    assert (problems[0].place.file, problems[0].place.line, problems[0].code) == (PLACE.file, 5, "condition")


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_an_empty_condition_is_a_problem(text: str) -> None:
    _, problems = parse_condition(text, PLACE, NAMES)
    assert [p.message for p in problems] == ["the condition is empty."]


def test_all_mistakes_of_a_line_are_reported_at_once() -> None:
    _, problems = parse_condition("basket.totl > 3 and (segment vipp or event.total is x)", PLACE, NAMES)
    assert [(p.place.column, p.width) for p in problems] == [(10, 11), (39, 4), (62, 1)]


def test_a_mistake_on_a_further_line_is_placed_there() -> None:
    _, problems = parse_condition("segment vip or\nsegment vipp", PLACE, NAMES)
    assert problems[0].place == Place(PLACE.file, 6, 18)


def test_where_anything_goes_nothing_is_refused() -> None:
    names = Names(roots={"customer": None, "event": None})
    for text in ("customer.x is 3", "segment whatever", "any event.lines where a.b is c", "customer.d > 2026-01-01"):
        condition, problems = parse_condition(text, PLACE, names)
        assert condition is not None, problems


def test_a_condition_too_deep_for_any_reader_is_refused_not_crashed_on() -> None:
    for text in ("(" * 500 + "segment vip" + ")" * 500, "not (" * 100 + "segment vip" + ")" * 100):
        condition, problems = parse_condition(text, PLACE, NAMES)
        assert condition is None
        assert problems[0].message == "this condition is nested too deeply."


def test_a_very_long_line_is_read() -> None:
    condition, problems = parse_condition(" or ".join(["event.total > 3"] * 1000), PLACE, NAMES)
    assert condition is not None
    assert not problems
