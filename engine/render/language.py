"""Which language serves a customer's locale, and how templates ask for translations."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from gettext import NullTranslations
from math import ceil, isfinite
from typing import Any

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from engine.render.missing import MissingValue
from engine.render.shown import shown, shown_in_markup
from engine.render.text import blank
from engine.render.texts.keys import wrong_form

_SHORT = 500  # characters of a text without variables that is remembered as it is shown
_LONGEST = 32  # no name of a language is longer


def fallbacks(locale: str) -> list[str]:
    """ "fr-CA" -> ["fr_CA", "fr"]."""
    parts = locale[:_LONGEST].replace("-", "_").split("_")
    return ["_".join(parts[:count]) for count in range(len(parts), 0, -1)]


# A mark that French sets apart must not begin a line: "Vous désabonner ?" keeps its question mark.
_SET_APART = re.compile(r" (?=[?!:;»])|(?<=«) ")


@lru_cache(maxsize=4096)
def _unbroken(text: str) -> str:
    return _SET_APART.sub("\xa0", text)


def translators(catalogue: NullTranslations, locale: str = "") -> dict[str, Callable[..., str]]:
    """`_` and the four of gettext for templates; all take the variables of the text as keywords.

    In French, blanks before `? ! : ; »` do not break. They differ from Jinja's own in that a lone `%` is just a
    percent sign, None counts as missing, and a translation that names an unknown variable says so.
    """

    french = locale.split("_")[0] == "fr"

    def filled(context: Context, original: str, text: str, variables: Mapping[str, Any]) -> str:
        return _filled(_unbroken(text) if french else text, variables, original, context.eval_ctx.autoescape)

    @lru_cache(maxsize=4096)
    def alone(text: str, markup: bool) -> str:
        said = _unbroken(catalogue.gettext(text)) if french else catalogue.gettext(text)
        return _filled(said, {}, text, markup)

    @pass_context
    def gettext(context: Context, text: str, /, **variables: Any) -> str:
        if not variables and type(text) is str and len(text) <= _SHORT:
            return alone(text, context.eval_ctx.autoescape)
        return filled(context, text, catalogue.gettext(text), variables)

    @lru_cache(maxsize=4096)
    def counted(one: str, many: str, n: int, variables: tuple[tuple[str, int], ...], markup: bool) -> str:
        said = catalogue.ngettext(one, many, _whole(n))
        return _filled(_unbroken(said) if french else said, dict(variables), one, markup)

    @pass_context
    def ngettext(context: Context, one: str, many: str, n: int, /, **variables: Any) -> str:
        variables.setdefault("num", n)
        if type(n) is int and len(one) + len(many) <= _SHORT and all(type(each) is int for each in variables.values()):
            return counted(one, many, n, tuple(variables.items()), context.eval_ctx.autoescape)
        return filled(context, one, catalogue.ngettext(one, many, _whole(n)), variables)

    @pass_context
    def pgettext(context: Context, apart: str, text: str, /, **variables: Any) -> str:
        return filled(context, text, catalogue.pgettext(apart, text), variables)

    @pass_context
    def npgettext(context: Context, apart: str, one: str, many: str, n: int, /, **variables: Any) -> str:
        variables.setdefault("num", n)
        return filled(context, one, catalogue.npgettext(apart, one, many, _whole(n)), variables)

    return {"_": gettext, "gettext": gettext, "ngettext": ngettext, "pgettext": pgettext, "npgettext": npgettext}


def _whole(count: Any) -> int:
    """The number that chooses a plural. Raises TypeError for what is no number, MissingValue for what is missing."""
    if not isinstance(count, int | float) or isinstance(count, bool) or not isfinite(count):
        raise TypeError(f"{str(count)[:40]!r} is no number, so no plural can be chosen.")
    return ceil(abs(count))


@lru_cache(maxsize=4096)
def _only_names(text: str) -> None:
    """Raises ValueError for more than `%(name)s`: a width could be a gigabyte."""
    wrong = wrong_form(text)
    if wrong:
        raise ValueError(f"'{wrong[:40]}' cannot be filled in: write %(name)s, and %% for %.")


def _filled(text: str, variables: Mapping[str, Any], original: str, markup: bool) -> str:
    if "%(" not in text:
        text = text.replace("%%", "%")
        return Markup(text) if markup else text  # the words of the template and its translators
    _only_names(text)
    values = {}
    for name, value in variables.items():
        if value is None or (isinstance(value, str) and blank(value)):
            raise MissingValue(name, None)
        if not isinstance(value, Undefined):
            value = escape(shown_in_markup(value)) if markup else shown(value)
        values[name] = value
    try:
        return Markup(str(text) % values) if markup else text % values
    except KeyError as fault:
        raise ValueError(f"the translation of '{original}' names {fault}, which the template does not give.") from fault
