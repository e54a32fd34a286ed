"""Templates that somebody wrote to do harm: they end at once, reach nothing, and the check names their line."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from engine.define.brand import BrandFile
from engine.model.errors import RenderFailed
from engine.render.renderer import Renderer

Shop = Callable[..., Renderer]
NESTED = "{% set n = namespace(l=[1]) %}{% for i in range(40) %}{% set n.l = [n.l, n.l] %}{% endfor %}"
GROWING = "{% set n = namespace(l=[1]) %}{% for i in range(60) %}"
AGAIN = "{% for i in range(900) %}{% for j in range(90) %}"
END = "{% endfor %}{% endfor %}"
ONES = ",".join("1" * 900)
CUSTOMER: dict[str, Any] = {
    "big": "x" * 100_000,
    "spaces": " " * 100_000 + "x",
    "digits": "1." + "1" * 90_000,
    "name": "Ana",
}
CUSTOMER |= {"dots": "a." * 50_000, "mix": "y" * 99_999 + "x", "many": [{"a": 1}] * 1_000}

BOMBS = {
    # a list of lists that would be 2^40 numbers if it were written out
    "joined": NESTED + "{{ n.l|join }}",
    "put behind a text": NESTED + "{{ 'a' ~ n.l }}",
    "translated": NESTED + "{% trans x=n.l %}{{ x }}{% endtrans %}",
    "in an address": NESTED + "{{ link('home', x=n.l) }}",
    "as the name of a link": NESTED + "{{ link(n.l) }}",
    "as money": NESTED + "{{ n.l|money }}",
    "as a date": NESTED + "{{ n.l|date }}",
    "in capitals": NESTED + "{{ n.l|upper }}",
    "asked about": NESTED + "{{ n.l is lower }}",
    "replaced": NESTED + "{{ n.l|replace('a', 'b') }}",
    "compared": NESTED + NESTED.replace("n.l", "m.l").replace("n =", "m =") + "{{ n.l == m.l }}",
    "summed": GROWING + "{% set n.l = [n.l, n.l]|sum(start=[]) %}{% endfor %}",
    "added": GROWING + "{% set n.l = n.l + n.l %}{% endfor %}",
    # texts that grow where nobody counts
    "a block that doubles": GROWING.replace("[1]", "'aaaa'")
    + "{% set n.l %}{{ n.l }}{{ n.l }}{% endset %}{% endfor %}",
    "a block of plain words": "{% set x %}" + AGAIN + "y" * 10_000 + END + "{% endset %}",
    # work that leaves no trace
    "recursive loops": "{% for i in range(900) recursive %}{{ loop(range(900)) if loop.depth < 3 }}{% endfor %}",
    "written lists": "".join(f"{{% for {name} in [{ONES}] %}}" for name in "abc") + "{% endfor %}" * 3,
    "capitals": AGAIN + "{% if customer.big|upper == 'x' %}{% endif %}" + END,
    "methods": AGAIN + "{% if customer.big.upper() == 'x' %}{% endif %}" + END,
    "searches": AGAIN + "{% if 'yz' in customer.big %}{% endif %}" + END,
    "cuts": AGAIN + "{% if customer.big[::-1] %}{% endif %}" + END,
    "looks at blanks": AGAIN + "{% if customer.spaces %}{% endif %}" + END,
    "sorts": AGAIN + "{% if [customer.big, customer.big]|sort %}{% endif %}" + END,
    "groups": AGAIN + "{% if range(900)|groupby('x') %}{% endif %}" + END,
    "splits": AGAIN + "{% set q = customer.big.split('x') %}" + END,
    "a list in a list in a list": "{% set n = namespace(l=1) %}" + AGAIN + "{% set n.l = [n.l] %}" + END,
    "takes a long path to an attribute": "{{ customer.many|map(attribute=customer.dots)|join }}",
    "sorts by a long path": "{{ customer.many|sort(attribute=customer.dots)|length }}",
    "groups by a long path": "{{ customer.many|groupby(customer.dots)|length }}",
    "sums a long path": "{{ customer.many|sum(attribute=customer.dots) }}",
    "takes off one of many signs": "{{ customer.big|trim(customer.mix) }}",
    "takes off one of many signs by a method": "{{ customer.big.strip(customer.mix) }}",
    # widths of a gigabyte
    "a wide text": "{{ _('%(a)999999999s', a='x') }}",
    "a precise number": "{{ _('%(a).999999999f', a=1.5) }}",
    "a width put together": "{{ gettext(customer.name ~ '%(a)999999999d', a=1) }}",
    "a wide plural": "{{ ngettext('%(num)99999999d', '%(num)99999999d', 1) }}",
    # values that are too long for what they are
    "a currency": "{{ 5|money(customer.big) }}",
    "an amount": "{{ customer.digits|number }}",
    "a pattern of a date": "{{ '2026-01-01'|date('" + "y" * 5_000 + "') }}",
    "a width": "{{ 'a'|center(10 ** 9) }}",
    "a number that is too long to be written": "{{ ('1' ~ customer.big.replace)|int }}",
}
TOO_DEEP = {
    "not not not": "{{ " + "not " * 2_000 + "x }}",
    "brackets": "{{ " + "(" * 2_000 + "1" + ")" * 2_000 + " }}",
    "lists": "{{ " + "[" * 2_000 + "]" * 2_000 + " }}",
    "tags": "{% if 1 %}" * 300 + "x" + "{% endif %}" * 300,
    "dots": "{{ customer" + ".a" * 2_000 + " }}",
    "sums": "{{ 1" + " + 1" * 2_000 + " }}",
    "filters": "{{ 'a'" + "|upper" * 2_000 + " }}",
    "a book": "x" * 300_000,
}
ESCAPES = [
    "{{ ''.__class__.__mro__ }}",
    "{{ customer|attr('__class__') }}",
    "{{ customer['__class__'] }}",
    "{{ [customer]|map(attribute='__class__')|join }}",
    "{{ [customer]|sum('__class__') }}",
    "{{ '{0.__class__}'.format(customer) }}",
    "{{ ('{0.__class__}' % customer) }}",
    "{{ cycler('a').__init__.__globals__ }}",
    "{{ joiner.__init__ }}",
    "{{ namespace.__class__ }}",
    "{{ namespace(a=1)._Namespace__attrs }}",
    "{{ lipsum(n=100) }}",
    "{{ dict(a=1) }}",
    "{{ range.__self__ }}",
    "{{ self.__init__ }}",
    "{{ self._TemplateReference__context.environment }}",
    "{{ loop }}",
    "{% for x in [1] %}{{ loop.__class__ }}{% endfor %}",
    "{{ ui.button.__globals__ }}",
    "{{ ui._body_stream }}",
    "{{ link.__closure__ }}",
    "{{ _.__globals__ }}",
    "{{ brand.colours.__setitem__('primary', 'x') }}",
    "{% set brand.name = 'x' %}",
    "{% do customer.update({}) %}",
    "{% autoescape false %}{{ customer.name }}{% endautoescape %}",
    "{% include '/etc/passwd' %}",
    "{% include '../../secrets' %}",
    "{% import 'os' as os %}{{ os }}",
    "{{ customer.name is filter }}",
    "{{ config }}",
    # what is no value is not shown either, though nothing could be done with it
    "{{ link }}",
    "{{ ui.price }}",
    "{{ customer.name.upper }}",
    "{{ customer.keys }}",
    "{{ _ }}",
    "{{ range }}",
    "{{ namespace(a=1) }}",
    "{{ self }}",
    "{{ [link]|max(attribute='__name__') }}",
]


def message(headline: str = "Hello", body: str = "") -> str:
    blocks = {"headline": headline, "summary": "A line.", "body": body}
    return "{% extends layout %}\n" + "\n".join(f"{{% block {k} %}}{v}{{% endblock %}}" for k, v in blocks.items())


@pytest.fixture(scope="module")
def bare(templates: dict[str, str], brand: dict[str, Any]) -> Shop:
    """A renderer of nothing but the messages given, in one language."""
    shared = {name: text for name, text in templates.items() if name.startswith(("layouts/", "components/"))}

    def make(**messages: str) -> Renderer:
        return Renderer({**shared, **{f"messages/{name}.j2": text for name, text in messages.items()}}, brand)

    return make


@pytest.fixture(scope="module")
def wicked(bare: Shop) -> Renderer:
    bombs = {f"b{number}": message("x" + bomb) for number, bomb in enumerate(BOMBS.values())}
    escapes = {f"e{number}": message("x" + escape) for number, escape in enumerate(ESCAPES)}
    tree = {f"i{number}": f"{{% include 'messages/i{number + 1}.j2' %}}" * 2 for number in range(40)}
    return bare(**bombs, **escapes, **tree, i40="", tree=message("{% include 'messages/i0.j2' %}x"))


@pytest.mark.parametrize("name", [*(f"b{number}" for number in range(len(BOMBS))), "tree"], ids=[*BOMBS, "a tree"])
def test_a_bomb_is_put_out_and_its_line_is_named(wicked: Renderer, name: str) -> None:
    started = time.process_time()

    with pytest.raises(RenderFailed) as caught:
        wicked.render(name, "push", "en", {"customer": CUSTOMER})

    assert time.process_time() - started < 5.0
    assert caught.value.place.startswith("templates/messages/")


@pytest.mark.parametrize("text", TOO_DEEP.values(), ids=TOO_DEEP)
def test_what_is_nested_without_measure_is_a_problem_with_its_place(bare: Shop, text: str) -> None:
    [problem] = bare(m=message(text)).problems()

    assert problem.place.file == "templates/messages/m.j2"
    assert "too deep" in problem.message or "characters" in problem.message


@pytest.mark.parametrize("number", range(len(ESCAPES)), ids=ESCAPES)
def test_nothing_but_data_can_be_reached(wicked: Renderer, number: int) -> None:
    with pytest.raises(RenderFailed) as caught:
        wicked.render(f"e{number}", "push", "en", {"customer": CUSTOMER})

    assert caught.value.place.startswith("templates/messages/e")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<script>1</script>", "'script' does not belong in a message."),
        ("<p\n onclick='x'>", "'onclick' does not belong in a message."),
        ('<a href="javascript:x">', "'javascript' does not belong in a message."),
        ("<p title={{ customer.name }}>", "title= has no quotes around its value."),
        ('<a class="x" href="{{ customer.name }}">', "a value stands as href=, and it may be any address."),
        ("<img src='{{ customer.name }}' alt=''>", "a value stands as src=, and it may be any address."),
        ('<p style="color:{{ customer.name }}">', "a value stands in style=, and it may be any style."),
    ],
)
def test_html_that_would_let_a_value_in_is_a_problem(bare: Shop, body: str, said: str) -> None:
    [problem] = bare(m=message(body=body)).problems()

    assert (problem.place.file, problem.message) == ("templates/messages/m.j2", said)


@pytest.mark.parametrize("sign", ["\0", "\x1b", "\u202e", "\u2066", "\x9b"])
def test_a_template_holds_no_sign_that_nobody_sees_and_does_harm(bare: Shop, sign: str) -> None:
    [problem] = bare(m=message(f"Hello{sign}")).problems()

    assert (problem.place.line, f"U+{ord(sign):04X}" in problem.message) == (2, True)


def test_html_that_keeps_values_in_their_place_is_none(bare: Shop) -> None:
    body = """
    <a href="{{ link("home") }}" title="{{ customer.name }}">x</a> <a href="{{ links.home }}">x</a>
    <p style="color:{{ brand.colours.primary }}">one = two, on = three</p>
    <a href="https://x.example/{{ customer.name }}">x</a>
    """
    assert bare(m=message(body=body)).problems() == []


@pytest.mark.parametrize("word", ["javascript:alert(1)", "data:text/html,x", "Total: 5", "x:", "https://"])
def test_a_tap_leads_to_an_address_or_nowhere(shop: Shop, word: str) -> None:
    shown = shop(action="{{ customer.name }}")
    assert shown.render("m", "push", "en", {"customer": {"name": word}}).parts["link"] == ""


def test_a_brand_with_braces_tags_and_the_compilers_own_words_is_only_a_text(
    templates: dict[str, str], brand: dict[str, Any]
) -> None:
    name = "{{ 7 * 7 }} {% if x %} <mj-button> jinja00000tag jinja0tag"
    kept = {path: text for path, text in templates.items() if "messages/" not in path or "welcome" in path}
    shown = Renderer(kept, {**brand, "name": name})

    assert shown.problems() == []
    html = shown.render("welcome", "email", "en", {}).parts["html"]
    assert "49" not in html.partition("<body")[2].partition("<div")[2][:50]
    assert "7 * 7" in html
    assert "<mj-button" not in html


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "Fernhill\r\nBcc: x"},
        {"sender": {"email": "a@b.example", "name": "A\nB"}},
        {"sender": {"email": "a@b.example\n", "name": "A"}},
        {"links": {"home": "javascript:alert(1)"}},
        {"links": {"home": "https://x.example/ y"}},
        {"colours": {"primary": "red;}</style><script>"}},
        {"colours": {"primary": "#1f5c46\n"}},
        {"logo": {"url": "data:image/png;base64,x", "alt": "x"}},
    ],
)
def test_a_brand_that_would_break_out_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        BrandFile.model_validate({"name": "Fernhill", **changed})


def test_a_locale_of_a_megabyte_is_looked_at_no_further_than_a_language_goes(shipped: Renderer) -> None:
    started = time.process_time()

    assert shipped.locale_for("a_" * 500_000) == "en"
    assert shipped.locale_for("fr_" * 500_000) == "fr"
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize("zone", ["../../etc/passwd", "\0", "Europe", "x" * 1_000_000, 5])
def test_a_zone_that_is_none_does_not_stop_a_date(shop: Shop, zone: object) -> None:
    shown = shop(headline="{{ '2026-06-01T10:00:00Z'|time }}")
    assert shown.render("m", "push", "fr", {"customer": {"timezone": zone}}).parts["title"] == "10:00"


@pytest.mark.parametrize("instant", [1e300, -1e300, 10**30, float("inf"), "9999-99-99", "2026-06-01" * 1_000, {}])
def test_a_date_that_is_none_fails_with_its_place(shop: Shop, instant: object) -> None:
    with pytest.raises(RenderFailed, match=r"m\.j2:2: .* is not a date"):
        shop(headline="{{ event.day|date }}").render("m", "push", "en", {"event": {"day": instant}})
