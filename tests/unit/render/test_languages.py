"""Translations, plurals, money and dates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.model.errors import RenderFailed
from engine.render.renderer import Renderer

Roots = dict[str, Any]
Shop = Callable[..., Renderer]
HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("fr_CA", "fr"),  # the parent language
        ("fr-FR", "fr"),  # as browsers write it
        ("en_GB", "en"),
        ("de", "en"),  # nothing closer than the source
        ("", "en"),
    ],
)
def test_a_locale_falls_back_to_its_language_then_to_the_source(shipped: Renderer, asked: str, served: str) -> None:
    assert shipped.render("welcome", "push", asked, {}).locale == served


@pytest.mark.parametrize(
    ("count", "english", "french"),
    [
        (0, "0 items are kept for you.", "0 article vous est réservé."),  # zero is singular in French
        (1, "1 item is kept for you.", "1 article vous est réservé."),
        (2, "2 items are kept for you.", "2 articles vous sont réservés."),
    ],
)
def test_plurals_follow_the_language(shipped: Renderer, count: int, english: str, french: str) -> None:
    roots = {"basket": {"lines": [{"name": "x"}] * count}}
    assert shipped.render("basket_reminder", "push", "en", roots).parts["body"] == english
    assert shipped.render("basket_reminder", "push", "fr", roots).parts["body"] == french


@pytest.mark.parametrize(
    ("expression", "english", "french"),
    [
        ("1234.5|money", "€1,234.50", "1\u202f234,50\xa0€"),
        ("5|money('USD')", "$5.00", "5,00\xa0$US"),
        ("1234.5|number", "1,234.5", "1\u202f234,5"),
        ("'2026-06-01'|date", "June 1, 2026", "1 juin 2026"),
        ("'2026-06-01T23:30:00Z'|date('d MMM')", "2 Jun", "2 juin"),  # already the 2nd in Paris
        ("1780300800000|time", "10:00\u202fAM", "10:00"),  # epoch ms, 08:00Z
    ],
)
def test_numbers_and_dates_are_written_as_the_language_does(
    shop: Shop, expression: str, english: str, french: str
) -> None:
    shown = shop(headline="{{ " + expression + " }}")
    assert shown.render("m", "push", "fr", {}).parts["title"] == " ".join(french.split())
    assert shown.render("m", "push", "en", {}).parts["title"] == " ".join(english.split())


def test_dates_are_in_the_customers_own_zone(shop: Shop) -> None:
    shown = shop(headline="{{ '2026-06-01T23:30:00Z'|date }}")
    roots = {"customer": {"timezone": "America/New_York"}}
    assert shown.render("m", "push", "en", roots).parts["title"] == "June 1, 2026"


@pytest.mark.parametrize("expression", ["'x'|money", "true|money", "'soon'|date", "'2026-06-01'|time"])
def test_what_is_no_amount_or_date_fails(shop: Shop, expression: str) -> None:
    with pytest.raises(RenderFailed, match=r"templates/messages/m\.j2:2: .* is (not|a day)"):
        shop(headline="{{ " + expression + " }}").render("m", "push", "en", {})


def test_a_percent_sign_needs_no_care(shop: Shop) -> None:
    shown = shop(headline="{% trans %}10% off{% endtrans %} {{ _('20% off') }}")
    assert shown.render("m", "push", "fr", {}).parts["title"] == "10% off 20% off"


@pytest.mark.parametrize(
    ("catalogue", "line", "message"),
    [
        ('msgid "x\nmsgstr "y"\n', 5, "no closing quote"),
        ('msgid "Hi %(name)s"\nmsgstr "Hallo %(nmae)s"\n', 6, "names %(nmae)s"),
        ('msgid "Hi %(name)s"\nmsgstr "Hallo %(name)"\n', 6, "cannot be filled in"),
        ('msgid "Hi %(name)s"\nmsgstr "Hallo %(name)999999999s"\n', 6, "cannot be filled in ('%(name)9')"),
        ('msgid "Hi"\nmsgstr "Hallo\u202e"\n', 5, "the character U+202E"),
    ],
)
def test_a_bad_catalogue_is_a_problem_with_its_line(shop: Shop, catalogue: str, line: int, message: str) -> None:
    problems = shop({"locales/de.po": HEAD + catalogue}).problems()
    assert [(p.place.file, p.place.line, p.code) for p in problems] == [("templates/locales/de.po", line, "template")]
    assert message in problems[0].message


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("nplurals=100000000; plural=(n > 1)", "is no number of plural forms: 1 to 6."),
        ("nplurals=-1; plural=0", "is no number of plural forms"),
        ("nplurals=2; plural=n%0", "cannot be read"),
        ("nplurals=2; plural=__import__('os')", "cannot be read"),
        ("nplurals=2; plural=" + "(" * 500 + "n" + ")" * 500, "cannot be read"),
        ("nplurals=2; plural=n", "chooses form 199, and there are 2"),
    ],
)
def test_a_rule_for_plurals_that_chooses_no_form_is_a_problem_and_the_language_s_holds(
    shop: Shop, rule: str, said: str
) -> None:
    forms = 'msgid "%(n)s a"\nmsgid_plural "%(n)s b"\nmsgstr[0] "eins"\nmsgstr[1] "%(n)s viele"\n'
    header = f'msgid ""\nmsgstr ""\n"Plural-Forms: {rule};\\n"\n\n'
    text = "{% trans n=event.n %}{{ n }} a{% pluralize %}{{ n }} b{% endtrans %}"
    shown = shop({"locales/de.po": "\ufeff" + header + forms}, headline=text)

    [problem] = shown.problems()
    assert (problem.place.line, said in problem.message) == (3, True)
    assert shown.render("m", "push", "de", {"event": {"n": 7}}).parts["title"] == "7 viele"


def test_a_catalogue_for_no_language_is_a_problem(shop: Shop) -> None:
    problems = shop({"locales/xx.po": HEAD}).problems()
    assert [str(p) for p in problems] == [
        "templates/locales/xx.po:1:1: this catalogue cannot be read: unknown locale 'xx'."
    ]


def test_a_text_without_translation_is_listed_and_shown_in_the_source_language(shop: Shop) -> None:
    shown = shop(headline="{% trans %}Brand new{% endtrans %}")
    assert shown.render("m", "push", "fr", {}).parts["title"] == "Brand new"
    [problem] = shown.untranslated()
    assert (problem.place.file, problem.code) == ("templates/messages/m.j2", "translation")
    assert problem.message == "'Brand new' has no translation into fr."


def test_in_french_a_mark_that_stands_apart_does_not_begin_a_line(shipped: Renderer) -> None:
    values = {"done": False, "purpose": "x", "address": "", "other": "/p/x", "lang": "fr", "languages": []}
    assert "Vous désabonner\xa0?</h1>" in shipped.page("unsubscribe", "fr", values)
    assert "Unsubscribe?</h1>" in shipped.page("unsubscribe", "en", values)
