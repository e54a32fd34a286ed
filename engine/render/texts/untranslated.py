"""Which texts of templates a language lacks: without a translation, or with one that is not sure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jinja2 import TemplateSyntaxError

from engine.model.problem import Place, Problem
from engine.render.catalogue import Catalogue
from engine.render.reads import parsed
from engine.render.texts.extract import said


def untranslated(templates: Mapping[str, str], catalogues: Mapping[str, Catalogue]) -> Iterator[Problem]:
    """A problem (code 'translation') for each place and language; templates that are no Jinja are passed over."""
    for path in sorted(path for path in templates if path.endswith(".j2")):
        try:
            tree = parsed(templates[path])
        except TemplateSyntaxError:
            continue  # check() reports it
        lines = templates[path].splitlines()
        for line, text in said(tree):
            source = lines[line - 1] if 0 < line <= len(lines) else ""
            for locale, catalogue in catalogues.items():
                if text.key not in catalogue.texts:
                    file = f"templates/locales/{locale}.po"
                    hint = _UNSURE[catalogue.unsure.get(text.key, "")].format(file)
                    message = f"'{text.one}' has no translation into {locale}."
                    yield Problem(Place(f"templates/{path}", line), message, "translation", hint, 1, source)


_UNSURE = {
    "": "Add it to {}.",
    "fuzzy": "The one in {} is marked fuzzy, so it is not used: look at it, then take 'fuzzy' out of its #, line.",
    "plurals": "In {} one of its plural forms is empty.",
}
