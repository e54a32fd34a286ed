"""The filter `listed`: a product as the catalogue has it."""

from __future__ import annotations

from typing import Any

import pytest

from engine.render.listed import Listed
from engine.render.renderer import Renderer

BOOTS = {"sku": "boots", "name": "Trail boots", "price": 129.0, "image": "https://x.example/b.jpg", "quantity": 50}
LISTED = Listed({"boots": BOOTS, "7": {"sku": 7, "name": "Seven", "price": 7}})
OLD = {"sku": "boots", "name": "Old boots", "price": 1.11, "quantity": 2, "size": "42"}
TENT = {"sku": "tent", "name": "Low tent", "price": 10.0}


def test_the_catalogue_s_fields_replace_the_event_s_and_the_others_stay() -> None:
    before = dict(OLD)
    assert LISTED(OLD) == {**BOOTS, "quantity": 2, "size": "42"}
    assert before == OLD
    assert LISTED([{"sku": 7}, {"sku": "7"}]) == [{"sku": 7, "name": "Seven", "price": 7}] * 2


@pytest.mark.parametrize("value", [TENT, {}, {"sku": None, "name": "x"}, {"sku": ["boots"]}, "boots", None, 3, []])
def test_what_the_catalogue_does_not_know_is_left_as_it_is(value: Any) -> None:
    assert LISTED(value) == value


@pytest.mark.parametrize(
    ("lines", "total"),
    [
        ([OLD], 258.0),
        ([OLD, TENT], 268.0),
        ([TENT, TENT], 3.33),
        ([OLD, {"sku": "tent"}], 3.33),
        ([OLD, {"sku": "tent", "price": "free"}], 3.33),
        ([], 3.33),
    ],
)
def test_a_total_is_what_the_lines_come_to_once_the_catalogue_has_a_say(lines: list[Any], total: float) -> None:
    shown = LISTED({"total": 3.33, "lines": lines})
    assert shown["total"] == total
    assert shown["lines"] == LISTED(lines)


def test_no_total_is_made_up() -> None:
    assert "total" not in LISTED({"lines": [OLD]})


def test_without_a_catalogue_nothing_changes() -> None:
    assert Listed({})({"total": 3.33, "lines": [OLD, {"": "x"}]}) == {"total": 3.33, "lines": [OLD, {"": "x"}]}


@pytest.mark.parametrize("price", [129.0, 99.0])
def test_a_release_with_other_products_does_not_show_those_of_the_last(
    price: float, templates: dict[str, str], brand: dict[str, Any]
) -> None:
    text = "{% extends layout %}{% block headline %}{{ ({'sku': 'boots'} | listed).price }}{% endblock %}"
    text += "{% block summary %}A line.{% endblock %}"
    catalog = {"products": {"boots": {**BOOTS, "price": price}}}
    shop = Renderer({**templates, "messages/m.j2": text}, brand, catalog=catalog)
    assert str(price) in str(shop.render("m", "push", "en", {}).parts)


def test_what_a_message_says_that_things_cost_goes_with_it(templates: dict[str, str], brand: dict[str, Any]) -> None:
    # given the price of a product, of two pieces, an offer, a product that only the event knows, and what is not said
    text = """{% extends layout %}{% block headline %}Prices{% endblock %}{% block summary %}
{{ ui.price(catalog.offers.spring.amount) }} {{ event.price | money }}
{% if catalog.products.hat.price > 5 %}Hats.{% endif %}
{% endblock %}{% block body %}{{ ui.products(start.lines) }}{% endblock %}"""
    catalog = {
        "products": {"boots": BOOTS, "hat": {"sku": "hat", "name": "Hat", "price": 8, "quantity": 1}},
        "offers": {"spring": {"amount": 15, "from": 50}},
    }
    roots = {"event": TENT, "start": {"lines": [OLD]}}
    renderer = Renderer({**templates, "messages/m.j2": text}, brand, catalog=catalog)

    rendered = [renderer.render("m", channel, "fr", roots) for channel in ("email", "sms")]

    # then each channel tells what it has said, by what it is the price of
    said = {"offers/spring.amount": 15.0, "products/tent.price": 10.0}
    assert [each.figures for each in rendered] == [said | {"products/boots.price": 129.0}, said]
