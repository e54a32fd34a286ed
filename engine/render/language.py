"""Which language serves a customer's locale, and how templates ask for translations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from gettext import NullTranslations
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from engine.render.missing import MissingValue
from engine.render.text import blank, clean


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
