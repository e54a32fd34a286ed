"""What is wrong with a value of an event, in the words of JSON and not of Python."""

from __future__ import annotations

from typing import Any

import pytest

from engine.define.events import typed_value
from engine.model.errors import BadEvent
from engine.model.vocabulary import Type

TEXT = Type("text")


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        # of the right kind, but out of bounds: the bound is named
        (Type("number"), 1e308, "number between -1e15 and 1e15 is wanted, 1e+308 was found"),
        (Type("integer"), 10**20, "integer between -1e15 and 1e15 is wanted, 100000000000000000000 was found"),
        (TEXT, "x" * 10_001, "text of at most 10,000 characters is wanted, this one has 10,001"),
        (Type("list", of=TEXT), ["x"] * 1_001, "at most 1,000 members are wanted, this list has 1,001"),
        # of another kind
        (Type("number"), None, "number is wanted, null was found"),
        (Type("number"), True, "number is wanted, true was found"),
        (Type("number"), {"a": 1}, "number is wanted, an object was found"),
        (Type("integer"), 2.5, "a whole number is wanted, 2.5 was found"),
        (TEXT, False, "text is wanted, false was found"),
        (TEXT, ["a"], "text is wanted, a list was found"),
        (Type("date"), "2026-02-30", "date, written 2026-03-02, is wanted, '2026-02-30' was found"),
        (Type("yes_no"), "yes", "yes_no, true or false, is wanted, 'yes' was found"),
        (Type("instant"), None, "null is no instant: write 2026-03-02T14:00:00Z"),
    ],
)
def test_the_sentence_says_what_was_found_and_what_is_wanted(kind: Type, value: Any, sentence: str) -> None:
    with pytest.raises(BadEvent) as refused:
        typed_value("properties.x", kind, value)

    assert refused.value.reason == sentence
