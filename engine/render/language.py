"""Translations from gettext catalogues, and which one serves a customer's locale."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from gettext import GNUTranslations, NullTranslations
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from engine.model.problem import Place, Problem
from engine.render.missing import MissingValue
from engine.render.text import blank, clean


def read_catalogue(locale: str, text: str) -> GNUTranslations:
    """The translations of one `.po` text. Raises PoFileError (`lineno` counts from 0), ValueError."""
    catalogue = read_po(io.StringIO(text), locale=locale, abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def read_catalogues(files: Mapping[str, str]) -> tuple[dict[str, GNUTranslations], list[Problem]]:
    """All catalogues among `files` ("locales/fr.po" -> text) by locale, and what is wrong with the others.

    What a workspace does not translate itself is looked up in "locales/shared/fr.po".
    """
    found: dict[str, GNUTranslations] = {}
    shared: dict[str, GNUTranslations] = {}
    problems = []
    for path in sorted(files):
        if not (path.startswith("locales/") and path.endswith(".po")):
            continue
        folder, _, locale = path.removeprefix("locales/").removesuffix(".po").rpartition("/")
        try:
            (shared if folder == "shared" else found)[locale] = read_catalogue(locale, files[path])
        except PoFileError as fault:
            problems.append(_bad(path, (fault.lineno or 0) + 1, f"this is not gettext: {fault.args[0]}."))
        except (ValueError, LookupError, SyntaxError) as fault:
            problems.append(_bad(path, 1, f"this catalogue cannot be read: {fault}."))
    for locale, catalogue in shared.items():
        found.setdefault(locale, catalogue)
        if found[locale] is not catalogue:
            found[locale].add_fallback(catalogue)
    return found, problems


def _bad(path: str, line: int, message: str) -> Problem:
    return Problem(Place(f"templates/{path}", line, 1), message, "template", "Check it with `msgfmt --check`.")


def fallbacks(locale: str) -> list[str]:
    """ "fr-CA" -> ["fr_CA", "fr"]."""
    parts = locale.replace("-", "_").split("_")
    return ["_".join(parts[:count]) for count in range(len(parts), 0, -1)]


def translators(catalogue: NullTranslations) -> tuple[Callable[..., str], Callable[..., str]]:
    """`gettext` and `ngettext` for templates; both take the variables of the text as keywords.

    They differ from Jinja's own in that a lone `%` is just a percent sign, None counts as missing,
    and a translation that names an unknown variable says so.
    """

    @pass_context
    def gettext(context: Context, text: str, /, **variables: Any) -> str:
        return _fill(context, text, catalogue.gettext(text), variables)

    @pass_context
    def ngettext(context: Context, one: str, many: str, n: int, /, **variables: Any) -> str:
        str(n)  # raises for a missing value, naming it
        variables.setdefault("num", n)
        return _fill(context, one, catalogue.ngettext(one, many, n), variables)

    return gettext, ngettext


def _fill(context: Context, original: str, text: str, variables: Mapping[str, Any]) -> str:
    if context.eval_ctx.autoescape:
        text = Markup(text)  # the words of the template and its translators
    if "%(" not in text:
        return text.replace("%%", "%")
    values = {}
    for name, value in variables.items():
        if value is None or (isinstance(value, str) and blank(value)):
            raise MissingValue(name, None)
        values[name] = clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value
    try:
        return text % values
    except KeyError as fault:
        raise ValueError(f"the translation of '{original}' names {fault}, which the template does not give.") from fault
