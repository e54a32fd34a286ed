"""A price of the catalogue is said for a time only."""

from __future__ import annotations

from typing import Any

import pytest

from engine.define.catalog import compile_catalog
from engine.define.catalog_kinds import catalog_kinds
from engine.define.source import read_yaml
from engine.model.catalog import Kind
from engine.model.errors import RenderFailed
from engine.render.renderer import Renderer

HOUR = 3_600_000
SINCE = 1_772_431_200_000  # 2026-03-02T06:00:00Z
ITEMS = {
    "products": {
        "boots": {"sku": "boots", "name": "Trail boots", "price": 129, "changed_at": "2026-03-02T06:00:00Z"},
        "socks": {"sku": "socks", "name": "Wool socks", "price": 12},
    }
}
TEXTS = {
    "priced": "{{ ui.price(catalog.products.boots.price) }}",
    "listed": "{{ ui.price((event | listed).price) }}",
    "summed": "{{ ui.price((basket | listed).total) }}",
    "asked": "{% if (event | listed).price is defined %}x{% endif %}",
    "all of it": "{% for each in catalog.products.boots.values() %}{{ each }}{% endfor %}",
    "got": "{{ catalog.products.boots.get('price') }}",
    "undated": "{{ ui.price(catalog.products.socks.price) }}",
    "named": "{{ catalog.products.boots.name }}: {{ (event | listed).name }}",
}


@pytest.fixture(scope="module")
def shop(templates: dict[str, str], brand: dict[str, Any]) -> Renderer:
    shared = {name: text for name, text in templates.items() if name.startswith(("layouts/", "components/"))}
    head = "{% extends layout %}{% block headline %}Hello{% endblock %}{% block summary %}x"
    own = {f"messages/{name}.j2": f"{head}{text}{{% endblock %}}" for name, text in TEXTS.items()}
    return Renderer(
        {**shared, **own}, brand, catalog=ITEMS, kinds={"products": Kind("sku", {}, "changed_at", 24 * HOUR)}
    )


def said(shop: Renderer, message: str, now: int) -> str:
    event = {"sku": "boots", "price": 99}
    roots = {"now": now, "event": event, "basket": {"total": 99, "lines": [event]}}
    return shop.render(message, "sms", "en", roots).parts["text"]


@pytest.mark.parametrize("message", ["priced", "listed", "summed", "all of it", "got"])
def test_a_price_is_said_while_it_is_young_and_not_afterwards(shop: Renderer, message: str) -> None:
    assert "129" in said(shop, message, SINCE + 24 * HOUR)
    assert "129" in said(shop, message, 0)  # where time does not matter

    with pytest.raises(RenderFailed, match="'boots' in the catalogue's products is too old to be said"):
        said(shop, message, SINCE + 24 * HOUR + 1)


def test_an_old_price_cannot_be_asked_about_and_one_without_a_date_is_old(shop: Renderer) -> None:
    for message in ("asked", "undated"):
        with pytest.raises(RenderFailed, match="too old to be said"):
            said(shop, message, SINCE + 25 * HOUR)


def test_a_name_does_not_grow_old(shop: Renderer) -> None:
    assert "Trail boots: Trail boots" in said(shop, "named", SINCE + 1_000 * HOUR)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("max_age: 24h", "'max_age' says nothing without 'dated'."),
        ("dated: day", "'dated' says nothing without 'max_age'."),
        ("max_age: 24h\n    dated: dya", "'dya' is not among the fields."),
        ("max_age: 24\n    dated: day", "'24' has no unit"),
        ("max_age: 24h\n    dated: day", ""),
    ],
)
def test_the_bound_is_written_whole(written: str, problem: str) -> None:
    doc = read_yaml("journeys/catalog.yaml", f"catalog:\n  products:\n    fields: {{day: date}}\n    {written}\n")

    compile_catalog(doc, {})
    kinds = catalog_kinds(doc, {})

    lasts = None if problem else 24 * HOUR
    assert (kinds["products"].lasts, len(doc.problems)) == (lasts, 1 if problem else 0)
    assert all(problem in each.message for each in doc.problems)
