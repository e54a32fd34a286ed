"""Whatever a value holds and whatever a template tries, a customer sees nothing broken."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from typing import Any

import pytest

from engine.model.errors import RenderFailed
from engine.render.parts import CHANNELS
from engine.render.renderer import Renderer

Roots = dict[str, Any]
Shop = Callable[..., Renderer]
NAME = "{{ customer.first_name }}"


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("value", [None, "", "  ", "\u200b", "\u202e"])
def test_hello_is_never_said_to_nobody(shop: Shop, channel: str, value: object) -> None:
    shown = shop(headline=f"Hello {NAME},", summary=f"{NAME}!")
    with pytest.raises(RenderFailed) as caught:
        shown.render("m", channel, "en", {"customer": {"first_name": value}})
    assert caught.value.place in ("templates/messages/m.j2:2", "templates/messages/m.j2:3")
    assert caught.value.reason == (
        'customer.first_name is missing. Write what to say without it: {{ customer.first_name|default(_("there")) }}'
    )
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize(
    "expression",
    [
        "customer.last_name",
        "customer.last_name|upper",
        "customer.last_name ~ 'x'",
        "customer.last_name + 'x'",
        "'%s' % customer.last_name",
        "customer.address.street",
        "nobody.first_name",
        "basket.lines[7].name",
        "[customer.last_name]|join(', ')",
        "customer.last_name|length",
        "customer.last_name|money",
        "link('order', order_id=customer.last_name)",
        "link('home', x=none)",
    ],
)
def test_a_missing_value_fails_however_it_is_used(shop: Shop, roots: Roots, expression: str) -> None:
    for block in ("{{ " + expression + " }}", "{% trans x=" + expression + " %}{{ x }}{% endtrans %}"):
        with pytest.raises(RenderFailed, match=r"m\.j2:2"):
            shop(headline=block).render("m", "push", "en", roots)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{{ customer.last_name|default(_('there')) }}", "there"),
        ("{{ customer.last_name or 'there' }}", "there"),
        ("{% if customer.last_name %}a{% else %}b{% endif %}", "b"),
        ("{% if customer.tier == 'gold' %}a{% else %}b{% endif %}", "b"),  # as in conditions: false, no fault
        ("{% if customer.tier != 'gold' %}a{% else %}b{% endif %}", "b"),
        ("{% if customer.orders > 3 %}a{% else %}b{% endif %}", "b"),
        ("{{ customer.address.street|default('at home') }}", "at home"),
        ("{% if nobody.first_name %}a{% else %}b{% endif %}", "b"),
        ("{% if customer.last_name is defined %}a{% else %}b{% endif %}", "b"),
        ("{% if 'lyon' in customer.stores %}a{% else %}b{% endif %}", "b"),
        ("{% if customer.last_name in ['x'] %}a{% else %}b{% endif %}", "b"),
        ("{% if customer.last_name is in ['x'] or customer.last_name is eq 'x' %}a{% else %}b{% endif %}", "b"),
    ],
)
def test_a_missing_value_may_be_asked_about(shop: Shop, roots: Roots, text: str, shown: str) -> None:
    assert shop(headline=text).render("m", "push", "en", roots).parts["title"] == shown


@pytest.mark.parametrize(
    "greeting",
    [
        "Hello {{ customer.last_name|default('') }},",
        "Hello {{ customer.last_name or '' }}!",
        "Hello {{ customer.last_name if customer.last_name }}.",
        "Hello {{ customer.last_name|default('')|upper }},",
        "Hello {% if customer.last_name %}{{ customer.last_name }}{% endif %},",
        "{% if true %}Hello {% if customer.last_name %}{{ customer.last_name }}{% endif %},{% endif %}",
    ],
)
def test_a_greeting_that_could_be_hollow_is_a_problem_with_its_place(shop: Shop, roots: Roots, greeting: str) -> None:
    [problem] = shop(headline=greeting).problems()
    assert (problem.place.line, "without a value this says 'Hello " in problem.message) == (2, True)
    for channel in CHANNELS:
        with pytest.raises(RenderFailed):
            shop(headline=greeting, summary=greeting).render("m", channel, "en", roots)


def test_a_hole_that_only_turns_up_in_rendering_is_a_missing_value(shop: Shop, roots: Roots) -> None:
    for greeting in ("{% set n = customer.last_name|default('') %}Hello {{ n }},", "Hello {{ [' ']|first }}!"):
        with pytest.raises(RenderFailed, match="is missing"):
            shop(headline=greeting).render("m", "push", "en", roots)


@pytest.mark.parametrize(
    "greeting",
    [
        "Hello{% if customer.last_name %} {{ customer.last_name }}{% endif %},",
        "Hello {% if customer.last_name %}{{ customer.last_name }}{% else %}you{% endif %},",
        "Bonjour {{ customer.last_name|default('') }} !",
        "Hello {{ customer.last_name|default(_('you')) }}, ({{ customer.last_name|default('') }}).",
    ],
)
def test_a_greeting_that_is_whole_without_a_name_is_none(shop: Shop, roots: Roots, greeting: str) -> None:
    assert shop(headline=greeting).problems() == []
    assert shop(headline=greeting).render("m", "push", "en", roots).parts["title"][:3] in ("Hel", "Bon")


def test_a_misspelt_value_is_recognised(shop: Shop, roots: Roots) -> None:
    with pytest.raises(RenderFailed, match=r"customer\.frist_name is missing\. Did you mean 'first_name'\?"):
        shop(headline="{{ customer.frist_name }}").render("m", "push", "en", roots)


def test_a_missing_group_is_named_with_the_whole_expression_to_write(shop: Shop) -> None:
    with pytest.raises(RenderFailed) as caught:
        shop(headline="Hello {{ customer.first_name }}").render("m", "push", "en", {})
    assert caught.value.reason == (
        'customer is missing. Write what to say without it: {{ customer.first_name|default(_("there")) }}'
    )


def test_a_message_first_sent_as_text_is_still_escaped_in_an_email(shop: Shop) -> None:
    shown = shop(headline=NAME)
    roots = {"customer": {"first_name": "<b>"}}
    assert shown.render("m", "push", "en", roots).parts["title"] == "<b>"
    assert "&lt;b&gt;" in shown.render("m", "email", "en", roots).parts["html"]
    assert shown.render("m", "push", "fr", roots).parts["title"] == "<b>"


def test_values_are_escaped_in_markup_and_left_alone_in_text(shop: Shop) -> None:
    roots = {"customer": {"first_name": "<script>alert('x')</script>"}}
    trans = "{% trans name=customer.first_name %}Hi {{ name }}{% endtrans %} {{ ('a' ~ customer.first_name)|e }}"
    shown = shop(headline=NAME, summary=trans, body=NAME, action="{{ ui.button(customer.first_name, link('home')) }}")
    parts = shown.render("m", "email", "en", roots).parts
    assert "<script" not in parts["html"]
    assert "&lt;script&gt;" in parts["html"]
    assert "&amp;lt;" not in parts["html"]
    assert parts["subject"] == "<script>alert('x')</script>"


def test_a_subject_stays_one_line_without_hidden_characters(shop: Shop) -> None:
    name = "Ana\r\nBcc: all@example.com\x00\u2028\u202eevil\u2066\ud800 \U0001f469\u200d\U0001f4bb"
    parts = shop(headline=NAME).render("m", "email", "en", {"customer": {"first_name": name}}).parts
    assert parts["subject"] == "Ana Bcc: all@example.com evil \U0001f469\u200d\U0001f4bb"
    for text in parts.values():
        text.encode()
        assert not set(text) & set("\r\x00\u202e\u2066")


def test_right_to_left_names_keep_their_letters(shop: Shop) -> None:
    name = "\u05d3\u05e0\u05d4"
    assert shop(headline=NAME).render("m", "push", "en", {"customer": {"first_name": name}}).parts["title"] == name


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_megabyte_of_text_is_refused(shop: Shop, channel: str) -> None:
    with pytest.raises(RenderFailed, match=r"longer than|builds a text"):
        shop(headline=NAME, summary=NAME).render("m", channel, "en", {"customer": {"first_name": "x" * 1_000_000}})


@pytest.mark.parametrize(
    "bomb",
    [
        "{{ 'a' * 10**8 }}",
        "{{ [1] * 10**8 }}",
        "{{ 10**10**10 }}",
        "{{ range(10**9)|list }}",
        "{% set r = range(999) %}{% for a in r %}{% for b in r %}{% for c in r %}{% endfor %}{% endfor %}{% endfor %}",
        "{% set n = namespace(x='aaaa') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
        "{% set n = namespace(x='aaaa') %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}",
        "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% for i in range(1000) %}{% for j in range(90) %}0123456789{% endfor %}{% endfor %}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ 'a'.center(10**8) }}",
        "{{ ('x,' * 2).replace(',', 'y') }}",
        "{{ customer|string|replace('a', 'b') }}",
        "{% include 'messages/m.j2' %}",
    ],
)
def test_template_bombs_are_put_out_at_once(shop: Shop, roots: Roots, bomb: str) -> None:
    started = time.process_time()
    with pytest.raises(RenderFailed):
        shop(headline="x" + bomb).render("m", "push", "en", roots)
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize(
    "escape",
    [
        "{{ ''.__class__ }}",
        "{{ link.__globals__ }}",
        "{{ self._TemplateReference__context }}",
        "{{ ui.__dict__ }}",
        "{{ basket.lines.append(1) }}",
        "{{ customer.update({'a': 1}) }}",
        "{{ _('<b>').unescape() }}",
        "{{ customer }}",
    ],
)
def test_nothing_but_data_can_be_reached(shop: Shop, roots: Roots, escape: str) -> None:
    with pytest.raises(RenderFailed):
        shop(headline="x" + escape).render("m", "push", "en", roots)


def test_no_filter_undoes_escaping(shop: Shop) -> None:
    for name in ("safe", "striptags", "forceescape", "tojson", "xmlattr", "urlize", "random", "center"):
        [problem] = shop(headline="{{ 'x'|" + name + " }}").problems()
        assert problem.message.startswith(f"there is no filter '{name}'.")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "/relative", "https://a b"])
def test_a_button_leads_to_web_addresses_only(shop: Shop, address: str) -> None:
    shown = shop(action="{{ ui.button('Go', event.url) }}")
    with pytest.raises(RenderFailed, match="not an address to send a customer to"):
        shown.render("m", "email", "en", {"event": {"url": address}})


def test_what_a_component_wrote_as_text_is_still_escaped_among_tags(shop: Shop) -> None:
    name = "<b>Ana</b> & co"
    message = shop(headline="{{ ui.code(customer.name) }}", summary="{{ customer.name }}", body="{{ customer.name }}")
    rendered = message.render("m", "email", "en", {"customer": {"name": name}})
    assert rendered.parts["subject"] == name
    assert name not in rendered.parts["html"]
    assert rendered.parts["html"].count("&lt;b&gt;Ana&lt;/b&gt; &amp; co") >= 3


@pytest.mark.parametrize(
    ("component", "shown"),
    [
        ("{% macro code(value) %}[{{ brand.name }}]{{ value }}{% endmacro %}", "[Fernhill]A"),
        ("{% macro code(brand) %}[{{ brand }}{{ brand.name|default('') }}]{% endmacro %}", "[A]"),
        ("{% macro code(value) %}[ {{- brand.name -}} ]{% endmacro %}", "[Fernhill]"),
        ("{% macro code(value) %}[{% raw %}{{ brand.name }}{% endraw %}]{% endmacro %}", "[{{ brand.name }}]"),
    ],
)
def test_a_component_names_the_brand_as_any_value(shop: Shop, component: str, shown: str) -> None:
    message = shop({"components/email.j2": component}, summary="x", body="{{ ui.code('A') }}")
    assert shown in message.render("m", "email", "en", {}).parts["html"]
