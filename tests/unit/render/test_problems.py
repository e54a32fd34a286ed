"""What `problems()` says about templates, before anybody is written to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.model.errors import RenderFailed
from engine.render.renderer import Renderer

Shop = Callable[..., Renderer]
LAYOUT = "layouts/email/html.mjml.j2"


def said(renderer: Renderer) -> list[str]:
    assert all(problem.code == "template" for problem in renderer.problems())
    return [str(problem) for problem in renderer.problems()]


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        (
            "{% block headlin %}x{% endblock %}",
            "2:10: no layout has a block 'headlin'. Did you mean 'headline'?",
        ),
        ("{% block body %}{{ ui.prise(1) }}{% endblock %}", "2:23: there is no ui.prise. Did you mean 'price'?"),
        (
            "{% block body %}{{ link('bascet') }}{% endblock %}",
            "2:26: there is no link 'bascet' in brand.yaml. Did you mean 'basket'?",
        ),
        (
            "Nobody sees this.",
            "2:1: this stands outside every block, so nobody will see it. "
            "Put it into a block: headline, summary, body, action.",
        ),
        (
            "{% block body %}\n<mj-text>x</mj-text>{% endblock %}",
            "3:1: MJML is for layouts; a message is not compiled. Use ui.button, ui.products, ui.image, or plain HTML.",
        ),
        ("{% block body %}{{ x| }}{% endblock %}", "2:1: 'end of print statement' does not fit here."),
        (
            "{% block body %}{% autoescape false %}x{% endautoescape %}{% endblock %}",
            "2:1: 'autoescape' is not for messages: escaping is the layout's business.",
        ),
        (
            "{% block body %}{{ x|mony }}{% endblock %}",
            "2:22: there is no filter 'mony'. Did you mean 'money'?",
        ),
    ],
)
def test_a_mistake_is_answered_with_its_place_and_what_to_write(shop: Shop, message: str, problem: str) -> None:
    files = {"messages/bad.j2": "{% extends layout %}\n" + message}
    assert said(shop(files)) == [f"templates/messages/bad.j2:{problem}"]


def test_a_message_without_layout_is_told_its_first_line(shop: Shop) -> None:
    assert said(shop({"messages/bad.j2": "{% block headline %}x{% endblock %}"})) == [
        "templates/messages/bad.j2:1:1: this message has no layout. Its first line is {% extends layout %}."
    ]


def test_a_missing_layout_part_is_named_and_only_its_channel_suffers(
    templates: dict[str, str], brand: dict[str, Any]
) -> None:
    files = {path: text for path, text in templates.items() if path != "layouts/push/link.j2"}
    renderer = Renderer(files, brand)
    assert said(renderer) == [
        "templates/layouts/push/link.j2: this file is missing, so push has no link. Take it from the shipped templates."
    ]
    assert renderer.render("welcome", "sms", "en", {}).parts
    with pytest.raises(RenderFailed, match=r"there is no template 'layouts/push/link\.j2'"):
        renderer.render("welcome", "push", "en", {})


@pytest.mark.parametrize(
    ("found", "instead", "message"),
    [
        ("<mj-section padding", "<mj-sectoin padding", "<mj-sectoin> is not an MJML tag"),
        ("</mj-column>", "", "this is not well-formed: mismatched tag."),
        ("<mj-section padding", "{{ x }}<mj-section padding", "stands between MJML tags: put it into <mj-text>"),
        ("<mj-title>", "<mj-title>{% if x %}{% endif %}", "stands where MJML repeats text"),
    ],
)
def test_mjml_that_would_be_dropped_in_silence_is_a_problem(
    shop: Shop, templates: dict[str, str], found: str, instead: str, message: str
) -> None:
    [problem] = shop({LAYOUT: templates[LAYOUT].replace(found, instead, 1)}).problems()
    assert problem.place.file == f"templates/{LAYOUT}"
    assert problem.place.line > 1
    assert message in problem.message


def test_a_component_needs_a_form_for_every_channel(shop: Shop, templates: dict[str, str]) -> None:
    form = "components/email.j2"
    assert (
        "templates/components/link.j2:1:1: there is no form of ui.stars here."
        in said(shop({form: templates[form] + "{% macro stars(n) %}*{% endmacro %}"}))[0]
    )


def test_an_unknown_link_fails_with_what_was_meant(shop: Shop) -> None:
    shown = shop(action="{{ ui.button('Go', link('bas' ~ 'ket2')) }}")
    with pytest.raises(RenderFailed, match=r"m\.j2:4: .* there is no link 'basket2' in brand\.yaml\. Did you mean"):
        shown.render("m", "push", "en", {})


def test_a_link_fills_its_placeholders_and_escapes_them(shop: Shop) -> None:
    shown = shop(action="{{ ui.button('Go', link('order', order_id=event.id, tab='a&b')) }}")
    link = shown.render("m", "push", "en", {"event": {"id": "7/../x"}, "journey": "j"}).parts["link"]
    assert link == (
        "https://fernhill.example/orders/7%2F..%2Fx?tab=a%26b&utm_source=parcours&utm_medium=push&utm_campaign=j"
    )
    with pytest.raises(RenderFailed, match="link 'order' needs order_id"):
        shop(action="{{ link('order') }}").render("m", "push", "en", {})


def test_a_brand_in_no_language_is_a_problem_not_a_crash(templates: dict[str, str]) -> None:
    assert [p.place.file for p in Renderer(templates, {"locale": "zz"}).problems()] == ["journeys/brand.yaml"]
