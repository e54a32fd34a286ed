"""Customers that a workspace gives its preview."""

from __future__ import annotations

from engine.define.workspace import compile_sources
from engine.render.preview.build import build
from tests.story import TEMPLATE, workspace

JOURNEY = "journey: j\nstart: {event: basket_updated}\nsteps: [{send: m1, via: email}]\n"
BRAND = """brand:
  name: Shop
  personas:
    Gold: {first_name: Bartholomew, tier: gold}
    Odd: {tir: gold, orders: many}
"""


def test_they_are_shown_with_what_is_known_of_them_and_checked_where_they_stand() -> None:
    sources = workspace(JOURNEY, m1=TEMPLATE.replace("Hello", "Hello {{ customer.first_name }} {{ customer.tier }}"))
    sources["journeys/brand.yaml"] = BRAND

    compiled = compile_sources(sources)
    preview = build(compiled.plan, compiled.renderer)

    assert [(problem.place.column, problem.message) for problem in compiled.problems] == [
        (11, "the customer has no attribute 'tir'."),
        (30, "integer is wanted, 'many' was found."),
    ]
    shown = next(message for message in preview.messages if message.name == "m1")
    gold = next(view for view in shown.views if view.persona == "Gold" and view.locale == "en")
    assert gold.parts["subject"] == "Hello Bartholomew gold"
    assert [persona.label for persona in preview.personas] == ["Well known", "Hardly known", "Gold", "Odd"]
