"""The words of the pages, in English and in the languages of locales/: gettext, kept in memory.

A language is a folder of .po files: one for what all pages share, one for each group of pages.
"""

from __future__ import annotations

import io
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files

LOCALES = ("en", "fr")


def N_(text: str) -> str:
    """Marks a text that is translated where it is shown."""
    return text


@cache
def words(locale: str) -> NullTranslations:
    """The words of one of LOCALES."""
    if locale == LOCALES[0]:
        return NullTranslations()
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    everything = Catalog(locale)
    for file in sorted(files("engine.console").joinpath("locales", locale).iterdir(), key=lambda each: each.name):
        with file.open("rb") as opened:
            for each in read_po(opened, locale):
                if each.id:
                    everything.add(each.id, each.string, context=each.context)
    made = io.BytesIO()
    write_mo(made, everything)
    made.seek(0)
    return GNUTranslations(made)


def wanted(accept_language: str, chosen: str) -> str:
    """The language of a page: the one that was chosen, else the first that the browser asks for and we have."""
    if chosen in LOCALES:
        return chosen
    for part in accept_language[:200].split(","):
        tag = part.partition(";")[0].strip().lower().partition("-")[0]
        if tag in LOCALES:
            return tag
    return LOCALES[0]
