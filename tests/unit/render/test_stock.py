"""The catalogue in each language, and what is put over it between two releases."""

from __future__ import annotations

from typing import Any

import pytest

from engine.define.catalog import check_languages, compile_catalog
from engine.define.catalog_kinds import catalog_kinds
from engine.define.source import read_yaml
from engine.model.catalog import Kind
from engine.render.renderer import Renderer
from engine.render.stock import Change, Stock

KINDS = {"products": Kind("sku", {"name": "text", "price": "number", "image": "text"}), "stores": Kind()}
WRITTEN: dict[str, dict[str, dict[str, Any]]] = {
    "products": {
        "boots": {"sku": "boots", "name": {"en": "Trail boots", "fr": "Chaussures"}, "price": 129},
        "socks": {"sku": "socks", "name": "Wool socks", "price": 12},
    },
    "stores": {"lyon": {"id": "lyon", "name": {"fr": "Lyon"}}},
}
SALE: list[Change] = [("products", "boots", {"sku": "boots", "price": 99})]
STEPS: list[list[Change]] = [
    SALE,
    [("products", "tent", {"sku": "tent", "name": {"fr": "Tente"}, "quantity": 5}), ("nothing", "x", {"a": 1})],
    [("products", "boots", None), ("stores", "paris", {"id": "paris", "name": "Paris"})],
    [("products", "tent", None), ("products", "never", None), ("products", "socks", {"name": None})],
]


def stock() -> Stock:
    return Stock(WRITTEN, KINDS, "en")


@pytest.mark.parametrize(("locale", "name"), [("en", "Trail boots"), ("fr_CA", "Chaussures"), ("de", "Trail boots")])
def test_a_name_is_said_in_the_language_or_the_one_that_stands_in(locale: str, name: str) -> None:
    shelf = stock().shelf(locale)
    assert shelf.kinds["products"]["boots"]["name"] == name
    assert shelf.listed({"sku": "boots", "name": "old"})["name"] == name
    assert shelf.kinds["products"]["socks"]["name"] == "Wool socks"
    assert shelf.kinds["stores"]["lyon"]["name"] == ("Lyon" if locale[:2] == "fr" else None)


def test_what_is_put_lies_over_what_is_written_field_by_field_until_it_is_taken_away() -> None:
    own = stock()
    before = own.shelf("fr")
    own.change(SALE)
    assert own.shelf("fr").kinds["products"]["boots"] == {"sku": "boots", "name": "Chaussures", "price": 99}
    assert own.shelf("fr").listed({"sku": "boots"})["price"] == 99
    assert before.listed({"sku": "boots"})["price"] == 129  # a rendering that has begun
    own.change([("products", "boots", None)])
    assert own.shelf("fr").kinds == before.kinds


def test_step_by_step_comes_to_the_same_as_all_at_once() -> None:
    grown = stock()
    lines = [{"sku": each} for each in ("boots", "socks", "tent", "never")]
    for shown in ("en", "fr"):
        grown.shelf(shown)
    for number, changes in enumerate(STEPS, 1):
        grown.change(changes)
        fresh = stock()
        fresh.change([change for each in STEPS[:number] for change in each])
        again = stock()
        again.shelf("fr")
        again.change([("products", "gone", {"sku": "gone"})])
        again.change([change for each in STEPS[:number] for change in each], anew=True)
        for locale in ("en", "fr"):
            shelves = [each.shelf(locale) for each in (grown, fresh, again)]
            assert shelves[0].kinds == shelves[1].kinds == shelves[2].kinds
            assert shelves[0].listed(lines) == shelves[1].listed(lines) == shelves[2].listed(lines)
    assert grown.put() == {"products": 1, "stores": 1}


def test_a_message_says_the_price_that_was_put_and_the_name_in_its_language(
    templates: dict[str, str], brand: dict[str, Any]
) -> None:
    text = "{% extends layout %}{% block headline %}x{% endblock %}{% block summary %}"
    text += "{{ catalog.products.boots.name }} {{ ui.price((event | listed).price) }}{% endblock %}"
    shop = Renderer({**templates, "messages/m.j2": text}, brand, catalog=WRITTEN, kinds=KINDS)
    roots = {"event": {"sku": "boots", "price": 1}, "transactional": True}
    assert shop.render("m", "sms", "fr", roots).parts["text"] == "Chaussures 129,00\xa0€".replace("\xa0", " ")
    shop.stock.change(SALE)
    assert shop.render("m", "sms", "en", roots).parts["text"] == "Trail boots €99.00"


CSV = "sku,name,name.fr,name.rf,price\nboots,Trail boots,Chaussures,x,129\nsocks,,Chaussettes,,12\n"


def test_a_file_has_a_column_for_each_language_and_one_that_is_none_is_a_problem() -> None:
    text = "catalog:\n  products:\n    key: sku\n    fields: {name: text, price: number}\n    file: p.csv\n"
    doc = read_yaml("journeys/catalog.yaml", text)
    found = compile_catalog(doc, {"journeys/p.csv": CSV})
    check_languages(doc, found, ("en", "fr"))
    assert found["products"]["boots"] == {
        **{"sku": "boots", "name": {"": "Trail boots", "fr": "Chaussures", "rf": "x"}, "price": 129}
    }
    assert found["products"]["socks"]["name"] == {"fr": "Chaussettes"}
    assert [(each.place.line, each.message, each.hint) for each in doc.problems] == [
        (5, "'name' of item 'boots' is written in 'rf', which is no language here.", "Known: en, fr.")
    ]
    shelf = Stock(found, catalog_kinds(doc, {}), "en").shelf("en")
    assert (shelf.kinds["products"]["boots"]["name"], shelf.kinds["products"]["socks"]["name"]) == ("Trail boots", None)
