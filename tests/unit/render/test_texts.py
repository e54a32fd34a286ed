"""The gettext workflow: what translators are given, and what comes back from them."""

from __future__ import annotations

import gettext
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli.main import main
from engine.model.errors import DefinitionError
from engine.render.renderer import Renderer
from engine.render.texts.extract import texts_of
from engine.render.texts.pofile import compiled, template, updated
from tests.story import workspace

Shop = Callable[..., Renderer]
MESSAGE = """{% extends layout %}
{% block headline %}
{# Translators: the name of the shop
   comes first. #}
{% trans shop=brand.name %}{{ shop }} is open{% endtrans %}
{% endblock %}
{% block summary %}
{% trans n=2 %}{{ n }} thing{% pluralize %}{{ n }} things{% endtrans %}
{% trans "a door" %}Open{% endtrans %} {{ _("Open") }}
{% endblock %}
"""
HEAD = '# Anna did this.\nmsgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
PLURAL = "{% trans n=2 %}{{ n }} thing{% pluralize %}{{ n }} things{% endtrans %}"
WRITTEN = """
#. the name of the shop comes first.
#: templates/messages/a.j2:5 templates/messages/b.j2:5
#, python-format
msgid "%(shop)s is open"
msgstr ""

#: templates/messages/a.j2:8 templates/messages/b.j2:8
#, python-format
msgid "%(n)s thing"
msgid_plural "%(n)s things"
msgstr[0] ""
msgstr[1] ""

#: templates/messages/a.j2:9 templates/messages/b.j2:9
msgctxt "a door"
msgid "Open"
msgstr ""

#: templates/messages/a.j2:9 templates/messages/b.j2:9
msgid "Open"
msgstr ""
"""


def one(text: str) -> dict[str, str]:
    return {"messages/a.j2": f'{{{{ _("{text}") }}}}'}


def test_translators_get_each_text_once_with_its_places_notes_context_and_plural() -> None:
    written = template(texts_of({"messages/a.j2": MESSAGE, "messages/b.j2": MESSAGE}))

    assert written.endswith(WRITTEN)
    assert "Date" not in written  # the same texts always give the same file


def test_the_shipped_french_is_up_to_date(templates: dict[str, str]) -> None:
    french = templates["locales/fr.po"]

    after = updated(french, "fr", texts_of(templates))

    assert after.text == french, "run: parcours messages update"
    assert (after.new, after.fuzzy, after.empty, after.obsolete) == (0, 0, 0, 0)


@pytest.mark.slow
def test_a_changed_text_keeps_its_translation_marked_fuzzy_and_unused(shop: Shop) -> None:
    before = HEAD + 'msgid "Your basket is waiting"\nmsgstr "Korb"\n'
    texts = texts_of(one("Your basket is still waiting"))

    changed = updated(before, "de", texts)

    assert changed.text.startswith(HEAD)  # the header belongs to the translators
    assert (
        '#, fuzzy\n#| msgid "Your basket is waiting"\nmsgid "Your basket is still waiting"\nmsgstr "Korb"\n'
        in changed.text
    )
    assert (changed.new, changed.fuzzy) == (1, 1)
    assert updated(changed.text, "de", texts).text == changed.text
    shown = shop({"locales/de.po": changed.text}, headline="{{ _('Your basket is still waiting') }}")
    assert shown.render("m", "push", "de", {}).parts["title"] == "Your basket is still waiting"
    assert any("is marked fuzzy, so it is not used" in each.hint for each in shown.untranslated())
    assert updated(changed.text, "de", []).obsolete == 0  # nothing sure is lost, nothing unsure can come back


def test_what_is_said_no_more_is_kept_as_obsolete_and_comes_back() -> None:
    before = HEAD + 'msgid "Hello"\nmsgstr "Hallo"\n'

    gone = updated(before, "de", [])
    back = updated(gone.text, "de", texts_of(one("Hello")))

    assert gone.text == HEAD + '#~ msgid "Hello"\n#~ msgstr "Hallo"\n'
    assert (gone.texts, gone.obsolete) == (0, 1)
    assert 'msgid "Hello"\nmsgstr "Hallo"\n' in back.text
    assert (back.texts, back.empty, back.obsolete) == (1, 0, 0)


@pytest.mark.slow
def test_an_empty_plural_form_is_no_translation(shop: Shop) -> None:
    begun = updated("", "de", texts_of({"messages/a.j2": MESSAGE})).text.replace('msgstr[0] ""', 'msgstr[0] "ein Ding"')
    shown = shop(
        {"locales/de.po": begun}, headline="{% trans n=2 %}{{ n }} thing{% pluralize %}{{ n }} things{% endtrans %}"
    )

    assert shown.render("m", "push", "de", {}).parts["title"] == "2 things"
    assert any("one of its plural forms is empty" in each.hint for each in shown.untranslated())


@pytest.mark.slow
def test_a_context_tells_two_equal_texts_apart_when_a_message_is_rendered(shop: Shop) -> None:
    catalogue = (
        'msgid ""\nmsgstr ""\n\nmsgctxt "a door"\nmsgid "Open"\nmsgstr "Offen"\n\nmsgid "Open"\nmsgstr "Öffnen"\n'
    )
    shown = shop({"locales/de.po": catalogue}, headline='{% trans "a door" %}Open{% endtrans %}, {{ _("Open") }}')

    assert shown.problems() == []
    assert shown.render("m", "push", "de", {}).parts["title"] == "Offen, Öffnen"


def test_a_template_that_cannot_be_read_does_not_make_its_texts_obsolete() -> None:
    with pytest.raises(DefinitionError) as caught:
        texts_of({"messages/a.j2": "{% block x %}{{ _('Hello') }}"})

    assert str(caught.value.problems[0].place) == "templates/messages/a.j2:1"


def test_compiled_catalogues_leave_out_what_is_not_sure() -> None:
    text = 'msgid ""\nmsgstr ""\n\nmsgid "a"\nmsgstr "A"\n\n#, fuzzy\nmsgid "b"\nmsgstr "B"\n\nmsgid "c"\nmsgstr ""\n'

    data, count = compiled(text, "de")

    found = gettext.GNUTranslations(io.BytesIO(data))
    assert [found.gettext(each) for each in "abc"] == ["A", "b", "c"]
    assert count == 1


@pytest.mark.slow
def test_a_new_language_from_nothing(tmp_path: Path) -> None:
    for name, text in workspace(m1=MESSAGE).items():
        if name.startswith(("journeys/", "templates/messages/m1")):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, "utf-8")
    file = tmp_path / "templates/locales/nl.po"

    def run(*words: str) -> tuple[int, str]:
        said = CliRunner().invoke(main, ["messages", *words])
        return said.exit_code, said.output

    assert run("update", str(tmp_path))[0] == 1  # there is no language yet
    code, said = run("update", str(tmp_path), "--locale", "nl")
    count = said.partition(": ")[2].split()[0]  # those of the shipped layouts and pages, and the message's
    assert (code, said.splitlines()[0]) == (0, f"{file}: {count} texts, {count} new, {count} without translation.")
    assert int(count) > 25
    assert 'msgid "Unsubscribe"' in file.read_text()  # the shared layouts have no Dutch behind them
    assert run("update", str(tmp_path), "--check") == (0, f"{file}: {count} texts, {count} without translation.\n")

    file.write_text(file.read_text().replace('msgid "Open"\nmsgstr ""', 'msgid "Open"\nmsgstr "Openen"'))
    assert run("compile", str(tmp_path)) == (0, f"{tmp_path}/.parcours/locales/nl/LC_MESSAGES/messages.mo: 2 texts.\n")
    assert run("extract", str(tmp_path))[1].endswith(f"messages.pot: {count} texts.\n")

    message = tmp_path / "templates/messages/m1.j2"
    message.write_text(message.read_text().replace("is open", "is closed"))
    code, said = run("update", str(tmp_path), "--check")
    assert code == 1
    assert said.endswith(", not up to date.\n")
    assert run("update", str(tmp_path), "--locale", "xx")[0] == 1
