"""All that is prepared once for a language: environments, translations, brand texts, components."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from gettext import NullTranslations
from typing import Any

from jinja2 import Template, TemplateNotFound, pass_context
from jinja2.loaders import BaseLoader
from jinja2.runtime import Context

from engine.render.formats import formats
from engine.render.given import Given
from engine.render.language import translators
from engine.render.links import Links
from engine.render.meter import METER
from engine.render.mjml import compile_layout, filled_in
from engine.render.parts import EMAIL_LAYOUT, FORMS, MARKUP_COMPONENTS, MARKUP_FORMS
from engine.render.sandbox import MessageEnvironment

_OPEN_METHODS = frozenset({Given.link, Given.voucher, Links.checked})


class Sources(BaseLoader):
    """Serves template texts from memory; `prepared` replaces some of them for one language."""

    def __init__(self, templates: Mapping[str, str], prepared: Mapping[str, Callable[[], str]]) -> None:
        self._templates = templates
        self._prepared = prepared

    def get_source(self, environment: Any, template: str) -> tuple[str, str, None]:
        if template not in self._templates:
            raise TemplateNotFound(template)
        prepare = self._prepared.get(template)
        return (prepare() if prepare else self._templates[template]), f"templates/{template}", None


@pass_context  # as those of `formats`: a constant must not be folded into the code that all share
def _listed(context: Context, value: Any) -> Any:
    return METER.listed(value) if METER.listed is not None else value


class Voice:
    """The shop speaking one language. Everything is compiled at first use and kept."""

    def __init__(
        self,
        locale: str,
        source_locale: str,
        templates: Mapping[str, str],
        brand: Mapping[str, Any],
        catalogue: NullTranslations,
    ) -> None:
        self.locale = locale
        self.brand = spoken(brand, locale, source_locale)
        known = {"brand": self.brand, "locale": locale}
        prepared = {EMAIL_LAYOUT: lambda: compile_layout(templates[EMAIL_LAYOUT], known)}
        for name in MARKUP_COMPONENTS:
            prepared[name] = partial(_filled_in, templates, name, self.brand)
        loader = Sources(templates, prepared)
        translated = translators(catalogue, locale)
        written = formats(locale, str(brand.get("currency") or "EUR"))
        self._environments = {}
        for markup in (False, True):
            env = MessageEnvironment(loader, markup=markup)
            env.open_methods = _OPEN_METHODS
            env.translators = frozenset(translated.values())
            env.globals.update(translated, brand=self.brand, locale=locale)
            env.filters.update(written, listed=_listed)
            self._environments[markup] = env
        self.words = dict(self._environments[True].globals)  # what every template knows, whoever it is for
        self._components: dict[str, Any] = {}
        self._messages: dict[tuple[str, bool], Template] = {}

    def message(self, name: str, markup: bool) -> Template:
        """The template of a message. Raises what Jinja raises."""
        found = self._messages.get((name, markup))
        if found is None:
            env = self._environments[markup]
            found = env.get_template(f"messages/{name}.j2")
            found.globals = dict(env.globals)  # Jinja looks through a chain of two for every rendering
            self._messages[name, markup] = found
        return found

    def environment(self, markup: bool) -> MessageEnvironment:
        return self._environments[markup]

    def components(self, form: str, checked: Callable[[Any], str]) -> Any:
        """The macros behind `ui` for one form; `checked` vets every address they are given."""
        found = self._components.get(form)
        if found is None:
            template = self.environment(form in MARKUP_FORMS).get_template(f"components/{form}.j2")
            found = self._components[form] = template.make_module({"address": checked})
        return found

    def prepare(self, checked: Callable[[Any], str]) -> None:
        """Compile all components now. Raises what Jinja raises."""
        for form in FORMS:
            self.components(form, checked)


def _filled_in(templates: Mapping[str, str], name: str, brand: Mapping[str, Any]) -> str:
    return filled_in(templates[name], brand)


def spoken(brand: Mapping[str, Any], locale: str, source_locale: str) -> dict[str, Any]:
    """`brand` with one text where it has one per locale: `signature`, and each channel's `legal` line."""

    def pick(texts: Any) -> Any:
        if not isinstance(texts, Mapping):
            return texts
        for name in (locale, locale.split("_")[0], source_locale):
            if texts.get(name):
                return texts[name]
        return None

    legal = {channel: pick(texts) for channel, texts in (brand.get("legal") or {}).items()}
    return {**brand, "signature": pick(brand.get("signature")), "legal": legal}
