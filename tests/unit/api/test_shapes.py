"""What /openapi.json says of a question is what is read."""

from __future__ import annotations

from engine.api.decisions import ASK_EXAMPLE
from engine.api.questions import FIELDS
from engine.api.shapes import QUESTION


def test_the_shape_of_a_question_has_the_fields_that_are_read_and_its_example_has_no_other() -> None:
    assert set(QUESTION["properties"]) == set(FIELDS) >= set(ASK_EXAMPLE)
