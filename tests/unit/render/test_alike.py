"""Parts that say the same to everybody are rendered once; all others each time."""

from __future__ import annotations

from typing import Any

import pytest

from engine.model.catalog import Kind
from engine.model.errors import RenderFailed
from engine.model.message import Addressee
from engine.render.alike import Alike
from engine.render.links import Links
from engine.render.outside import Sample
from engine.render.parts import EVERYWHERE
from engine.render.renderer import Renderer
from tests.unit.render.conftest import Shop

ALIKE = [
    "A line.",
    '{% trans %}A line.{% endtrans %} {{ _("Another") }}',
    "{{ brand.name }} {{ locale }} {{ channel }}",
    "{{ ui.price(12.5) }} {{ 5|money }}",
    '{{ ui.button("Go", link("home")) }}',
    "{% for n in range(3) %}{{ n }}{% endfor %}{% set x = 2 %}{{ x }}",
    "{% if marketing %}A{% else %}B{% endif %}",
    "{{ ['x']|map('upper')|join }}",
]
APART = [
    "{{ customer.first_name|default('you') }}",
    "{% if event.total %}A{% endif %}line",
    "{{ catalog.products.boots.price|default('?') }}",
    "{{ 1772460000000|date }}",  # in the customer's zone
    "{% for each in []|listed %}{{ each }}{% endfor %}none",
    "{{ parts.title }}",
    "{{ links.home }}",
    '{{ link("basket") }}',  # it names the message
    '{% set go = link %}{{ go("home") }}',
    '{{ link(brand.page|default("home")) }}',
    '{% set show = ui %}{{ show.price(1, event.unit|default("")) }}',
    '{% include "x.j2" %}',
    "{{ self.headline() }}",
    "{{ basket.total|default(1) }}{% set basket = 1 %}",
    "{{ message_id }}",
    "{{ [1772460000000]|map('time')|join }}",
    "{{ ['x']|map('listed')|join }}",
    "{{ [1772460000000]|map(brand.style|default('time'))|join }}",
    "{{ [1772460000000]|map(*['time'])|join }}",
]
TEMPLATES = {"x.j2": "{{ customer.first_name }}"}
LINKS = Links({"home": "https://shop.example/", "basket": "https://shop.example/{message_id}"})


@pytest.mark.parametrize("summary", ALIKE + APART)
def test_a_part_is_alike_when_nothing_of_the_customer_is_read_on_its_way(
    shop: Shop, templates: dict[str, str], summary: str
) -> None:
    blocks = f"{{% block headline %}}Hi{{% endblock %}}{{% block summary %}}{summary}{{% endblock %}}"
    alike = Alike({**templates, **TEMPLATES, "messages/m.j2": "{% extends layout %}" + blocks}, LINKS)
    parts = {part.name: alike("m", part) for part in EVERYWHERE["card"]}
    assert parts == {**dict.fromkeys(parts, True), "body": summary in ALIKE}


@pytest.mark.parametrize("before", ["{% set name = customer.first_name %}", '{% extends "layouts/card/title.j2" %}'])
def test_what_stands_outside_of_the_blocks_counts_too(templates: dict[str, str], before: str) -> None:
    files = {**templates, "messages/m.j2": before + "{% block headline %}Hi{% endblock %}"}
    assert not any(Alike(files, LINKS)("m", part) for part in EVERYWHERE["card"])


def test_a_macro_is_looked_into(templates: dict[str, str]) -> None:
    for reads, same in (("brand.name", True), ("customer.city", False)):
        macro = f"{{% macro say() %}}{{{{ {reads} }}}}{{% endmacro %}}"
        text = f"{{% extends layout %}}{macro}{{% block headline %}}{{{{ say() }}}}{{% endblock %}}"
        alike = Alike({**templates, "messages/m.j2": text}, LINKS)
        assert alike("m", EVERYWHERE["card"][0]) is same


def test_a_message_says_the_same_whoever_was_told_it_before(shop: Shop) -> None:
    summary = '{{ customer.first_name }}, {% trans %}look{% endtrans %} {{ ui.button("Go", link("home")) }}'
    blocks = {"headline": "{{ brand.name }}", "summary": summary, "price": "{{ ui.price(3) }}"}
    told = shop(None, **blocks)
    for name, locale, place in (
        ("Ana", "en", "web"),
        ("Zoë", "en", "web"),
        ("Zoë", "fr", "web"),
        ("Ana", "en", "store"),
    ):
        roots: dict[str, Any] = {"customer": {"first_name": name}, "message_id": name, "place": place}
        assert told.render("m", "card", locale, roots) == shop(None, **blocks).render("m", "card", locale, roots)


def test_data_that_hides_what_every_template_knows_is_heeded(shop: Shop) -> None:
    told = shop(None, headline="{{ brand.name|default('none') }}")
    first = told.render("m", "card", "en", {}).parts["title"]
    assert told.render("m", "card", "en", {"brand": {"name": "Another"}}).parts["title"] == "Another" != first


def test_what_was_kept_is_paid_for_each_time(shop: Shop) -> None:
    heavy = "{% for a in range(1000) %}{% for b in range(20) %}{% endfor %}{% endfor %}x"
    body = "{% if customer.city %}" + heavy * 2 + "{% endif %}A line."
    told = shop(None, headline=heavy, summary=body)
    assert told.render("m", "card", "en", {"customer": {}}).parts["body"] == "A line."
    with pytest.raises(RenderFailed):
        told.render("m", "card", "en", {"customer": {"city": "Lyon"}})


def test_an_amount_that_is_said_to_everybody_is_still_the_figure_of_what_is_read_beside_it(
    templates: dict[str, str], brand: dict[str, Any]
) -> None:
    text = (
        "{% extends layout %}{% block headline %}{{ catalog.products.boots.price }}{% endblock %}"
        "{% block price %}{{ 129|money }}{% endblock %}"
    )
    catalog = {"products": {"boots": {"sku": "boots", "price": 129}}}
    told = Renderer({**templates, "messages/m.j2": text}, brand, catalog=catalog, kinds={"products": Kind("sku")})
    for _ in range(2):
        assert told.render("m", "card", "en", {}).figures == {"products/boots.price": 129.0}


@pytest.mark.parametrize("name", ["joiner", "namespace", "cycler", "range", "brand"])
def test_an_object_that_is_called_as_what_every_template_knows_is_still_the_customers(shop: Shop, name: str) -> None:
    """Jinja has words of its own, which is no reason to tell one customer of another's joiner."""
    told = shop(None, headline="Hi", summary=f"For {{{{ {name}.name }}}}")

    bodies = [told.render("m", "card", "en", {name: {"name": who}}).parts["body"] for who in ("Ana", "Zoë")]

    assert bodies == ["For Ana", "For Zoë"]


HTML = EVERYWHERE["email"][2]
OTHERS = "{% block headline %}{{ customer.first_name }}{% endblock %}{% block body %}{{ event.total }}{% endblock %}"


@pytest.mark.parametrize("action", ALIKE + APART)
def test_a_block_is_alike_whatever_stands_beside_it(templates: dict[str, str], action: str) -> None:
    text = f"{{% extends layout %}}{OTHERS}{{% block action %}}{action}{{% endblock %}}"

    alike = Alike({**templates, **TEMPLATES, "messages/m.j2": text}, LINKS)

    assert alike.blocks("m", HTML) == (("action",) if action in ALIKE else ())
    assert not alike("m", HTML)


@pytest.mark.parametrize(
    ("message", "layout"),
    [
        ("{% set name = customer.first_name %}", ""),
        ("{% macro go(url) %}{{ ui.products(url) }}{% endmacro %}", ""),  # what it calls reads the catalogue
        ('{% extends "layouts/push/title.j2" %}', ""),
        ("", "{% set brand = customer %}"),
        ("", "{% with brand = customer %}{% block more %}{% endblock %}{% endwith %}"),
        ("", "{% for brand in [customer] %}{% block headline scoped %}{% endblock %}{% endfor %}"),
    ],
)
def test_no_block_is_alike_where_a_name_may_mean_something_else(
    templates: dict[str, str], message: str, layout: str
) -> None:
    text = f"{{% extends layout %}}{message}{{% block headline %}}{{{{ brand.name }}}}{{% endblock %}}"
    place = templates[HTML.layout]
    plain = Alike({**templates, "messages/m.j2": text.replace(message, "")}, LINKS)
    other = Alike({**templates, "messages/m.j2": text, HTML.layout: layout + place}, LINKS)

    assert plain.blocks("m", HTML) == ("headline",)
    assert other.blocks("m", HTML) == ()


def test_what_the_layout_says_in_a_block_of_the_message_is_each_customers_own(
    shop: Shop, templates: dict[str, str]
) -> None:
    empty = "{% block headline %}{% endblock %}"
    layout = templates[HTML.layout].replace(empty, "{% block headline %}{{ customer.first_name }}{% endblock %}")
    told = shop({HTML.layout: layout}, headline="{{ super() }}!")
    for name in ("Ana", "Zoë"):
        html = told.render("m", "email", "en", {"customer": {"first_name": name}}).parts["html"]
        assert f"{name}!" in html


def test_an_email_says_the_same_whoever_was_told_it_before(shop: Shop) -> None:
    body = "{{ customer.first_name }}, {% trans %}look{% endtrans %}"
    blocks = {"headline": "{{ brand.name }}", "body": body, "action": '{{ ui.button(_("Go"), link("home")) }}'}
    told = shop(None, **blocks)
    for name, locale, journey in (
        ("Ana", "en", "j"),
        ("<b>", "en", "j"),
        ("Zoë", "fr", "k"),
    ):
        roots: dict[str, Any] = {"customer": {"first_name": name}, "message_id": name, "journey": journey}
        assert told.render("m", "email", locale, roots) == shop(None, **blocks).render("m", "email", locale, roots)


def test_a_link_whose_clicks_are_told_is_each_customers_own(shop: Shop) -> None:
    class Clicks(Sample):
        def click(self, to: Addressee, address: str, number: int) -> str:
            return f"https://clicks.example/{to.message}"

    told = shop(
        None, headline="{{ brand.name }}", body="{{ message_id }}", action='{{ ui.button("Go", link("home")) }}'
    )
    for name, clicks in (("m1", False), ("m2", True), ("m3", True), ("m4", False)):
        to = Addressee(name, clicks=clicks)
        html = told.render("m", "email", "en", {"message_id": name, "to": to}, Clicks()).parts["html"]
        assert (f"https://clicks.example/{name}" in html) is clicks
        assert html.count("clicks.example") == clicks


def test_a_block_that_was_kept_is_paid_for_and_its_amounts_are_figures_each_time(
    templates: dict[str, str], brand: dict[str, Any]
) -> None:
    heavy = "{% for a in range(1000) %}{% for b in range(10) %}{% endfor %}{% endfor %}x"
    text = (
        "{% extends layout %}{% block headline %}" + heavy + "{% endblock %}{% block summary %}Look.{% endblock %}"
        "{% block action %}{{ 129|money }}{% endblock %}{% block body %}"
        "{{ catalog.products.boots.price }}{% if customer.city %}" + heavy * 3 + "{% endif %}{% endblock %}"
    )
    catalog = {"products": {"boots": {"sku": "boots", "price": 129}}}
    told = Renderer({**templates, "messages/m.j2": text}, brand, catalog=catalog, kinds={"products": Kind("sku")})
    for _ in range(2):
        assert told.render("m", "email", "en", {"customer": {}}).figures == {"products/boots.price": 129.0}
    with pytest.raises(RenderFailed, match="steps"):
        told.render("m", "email", "en", {"customer": {"city": "Lyon"}})


def test_pages_of_ours_are_only_asked_for_where_a_message_may_name_them(shop: Shop) -> None:
    class Pages(Sample):
        asked = 0

        def page(self, name: str, to: Addressee) -> str | None:
            self.asked += 1
            return super().page(name, to)

    told = shop(None, headline="Hi", summary="{{ customer.first_name }}", action='{{ ui.button("Go", link("home")) }}')
    named = shop(None, headline="Hi", summary='{{ link("preferences") }}')
    for renderer, channel, asked in ((told, "push", 0), (told, "email", 2), (named, "push", 2)):
        pages = Pages()
        renderer.render("m", channel, "en", {"customer": {"first_name": "Ana"}, "to": Addressee("m1")}, pages)
        assert pages.asked == asked
