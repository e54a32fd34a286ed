"""Renders a message for a channel and a language: the one door to this room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from difflib import get_close_matches
from gettext import NullTranslations
from typing import Any

from babel import UnknownLocaleError
from jinja2 import TemplateError

from engine.model.catalog import Kind
from engine.model.errors import NoVoucher, RenderFailed
from engine.model.message import Addressee, Rendered
from engine.model.problem import Place, Problem
from engine.render.catalogue import read_catalogues
from engine.render.faults import explain
from engine.render.filling import Told, filled
from engine.render.given import Given, Unanswered
from engine.render.kept import Kept, Spent
from engine.render.language import fallbacks
from engine.render.links import Links
from engine.render.listed import Listed
from engine.render.meter import METER
from engine.render.outside import POOLS, SAMPLE, EmptyPool, Outside
from engine.render.parts import CHANNELS, EVERYWHERE, PLACES, Part
from engine.render.stock import Stock
from engine.render.text import clean, one_line, plain, plain_signs
from engine.render.voice import Voice

_OURS = frozenset({"to", "now", "place"})
_NOTHING: Told = {}
MOST_LOCALES = 1_000
LONGEST_REASON = 500  # it may quote a value, and a value may be anything


class Renderer:
    """All messages of a workspace, ready to be rendered. Pure: reads no file and no clock.

    `templates` maps paths under templates/ ("messages/welcome.j2") to their text; `brand` is a plain
    BrandFile dump; `catalog` is what templates see as `catalog`, `kinds` what its kinds are. `stock` takes in
    what changes between releases. Nothing is raised for bad messages:
    `problems()` tells. One renderer may serve several threads.
    """

    locales: tuple[str, ...]

    def __init__(
        self,
        templates: Mapping[str, str],
        brand: Mapping[str, Any],
        *,
        catalog: Mapping[str, Any] | None = None,
        kinds: Mapping[str, Kind] | None = None,
    ) -> None:
        self._templates = dict(templates)
        self._brand = dict(brand)
        self._links = Links(self._brand.get("links") or {})
        self._catalogues, self._catalogue_problems = read_catalogues(self._templates)
        source = str(self._brand.get("locale") or "en")
        self.locales = (source, *sorted(set(self._catalogues) - {source}))
        self._voices: dict[str, Voice] = {}
        self._served: dict[str, str] = {}
        self._kept = Kept(self._templates, self._links)
        self._pools = frozenset((catalog or {}).get(POOLS) or ())
        self.stock = Stock(catalog or {}, kinds or {}, source)
        self._messages = frozenset(
            path.removeprefix("messages/").removesuffix(".j2")
            for path in self._templates
            if path.startswith("messages/") and path.endswith(".j2")
        )

    @property
    def brand(self) -> Mapping[str, Any]:
        """The brand, as a plain BrandFile dump."""
        return self._brand

    def messages(self) -> set[str]:
        """The names of templates/messages/*.j2."""
        return set(self._messages)

    def problems(self) -> list[Problem]:
        """What is wrong with the templates, sorted by place; empty when all is well."""
        from engine.render.check import check

        try:
            voices = [self.voice(locale) for locale in self.locales]
        except (UnknownLocaleError, ValueError) as fault:
            hint = "Write a language such as en, fr or fr_CA."
            return [Problem(Place("journeys/brand.yaml"), f"locale: {fault}.", "template", hint)]
        return sorted({*self._catalogue_problems, *check(self._templates, self._links, voices)})

    def untranslated(self) -> list[Problem]:
        """Texts that a locale has no translation for and shows in the source language (code 'translation')."""
        from engine.render.texts.untranslated import untranslated

        others = {name: catalogue for name, catalogue in self._catalogues.items() if name != self.locales[0]}
        return sorted(untranslated(self._templates, others))

    def left_out(self) -> list[Problem]:
        """Translations without a variable of their source (code 'placeholder'), sorted by place."""
        return sorted(problem for catalogue in self._catalogues.values() for problem in catalogue.lost)

    def locale_for(self, locale: str) -> str:
        """The language that serves `locale`: itself, its parent (fr_CA -> fr), else the source language."""
        found = self._served.get(locale)
        if found is None:
            found = next((name for name in fallbacks(locale) if name in self.locales), self.locales[0])
            if len(self._served) < MOST_LOCALES:  # customers may write anything
                self._served[locale] = found
        return found

    def voice(self, locale: str) -> Voice:
        """What is prepared for one of `locales`."""
        voice = self._voices.get(locale)
        if voice is None:
            catalogue = self._catalogues.get(locale)
            translations = catalogue.translations if catalogue else NullTranslations()
            voice = self._voices[locale] = Voice(locale, self.locales[0], self._templates, self._brand, translations)
        return voice

    def prepare(self, messages: Iterable[str]) -> None:
        """Compile these messages now, for the places where they are shown. Who cannot be compiled says so when it is
        rendered."""
        for locale in self.locales:
            voice = self.voice(locale)
            with suppress(TemplateError):
                voice.prepare(self._links.checked)
            for message in messages:
                with suppress(TemplateError):
                    voice.message(message, markup=False)
        for message in messages:
            self._kept.look(message, PLACES)

    def render(
        self, message: str, channel: str, locale: str, roots: Mapping[str, Any], outside: Outside = SAMPLE
    ) -> Rendered:
        """The parts of `message` for `channel`.

        `roots` are plain dicts (`customer`, `start`, `event`, `context`, declared objects), the texts
        `journey` and `message_id`, and `to`, an Addressee; any may be missing. `transactional: True` among them
        leaves out the marketing line and the unsubscribe link. For a placement `channel` is `card` or `talk`, and
        `place` among the roots is the channel that it stands in. Raises RenderFailed (NoVoucher is one), and
        nothing else of its own; what `outside` raises besides EmptyPool goes through.
        """
        file = f"templates/messages/{message}.j2"
        if message not in self._messages:
            near = get_close_matches(message, self._messages, 1)
            raise RenderFailed(
                message, channel, file, "there is no such message." + (f" Did you mean '{near[0]}'?" if near else "")
            )
        if channel not in EVERYWHERE:
            raise RenderFailed(message, channel, file, f"a message can go to {', '.join(CHANNELS)}.")
        try:
            voice = self.voice(self.locale_for(locale))
            parts, links = self._parts(message, channel, voice, roots, outside)
            figures = METER.figures()
        except Unanswered as fault:
            raise (fault.__cause__ or fault) from None
        except Exception as fault:
            place, sentence = explain(fault, self._templates, file)
            failed = NoVoucher if isinstance(fault, EmptyPool) else RenderFailed
            raise failed(message, channel, place, one_line(clean(sentence))[:LONGEST_REASON]) from fault
        return Rendered(message, channel, voice.locale, parts, links, figures)

    def page(self, name: str, locale: str, values: Mapping[str, Any], *, markup: bool = True) -> str:
        """A page that messages link to: templates/pages/`name`, over plain `values`. Raises RenderFailed."""
        file = f"pages/{name}.j2"
        METER.start(str(self._brand.get("timezone") or "UTC"))
        try:
            voice = self.voice(self.locale_for(locale))
            return voice.environment(markup).get_template(file).render(values)
        except Exception as fault:
            place, sentence = explain(fault, self._templates, f"templates/{file}")
            raise RenderFailed(name, "web", place, sentence) from fault

    def _parts(
        self, message: str, channel: str, voice: Voice, roots: Mapping[str, Any], outside: Outside
    ) -> tuple[dict[str, str], tuple[str, ...]]:
        place, marketing = str(roots.get("place") or ""), not roots.get("transactional", False)
        journey, message_id = str(roots.get("journey") or ""), str(roots.get("message_id") or "preview")
        to = roots.get("to") or Addressee(message_id, channel=channel)
        told = (message, channel, voice.locale, place, journey, marketing)
        said = self._kept.name(roots, told) if not to.clicks else None
        kept = self._kept.get(said)
        if len(kept.parts) == len(EVERYWHERE[channel]):
            METER.start("")
            return dict(kept.parts), ()
        customer = roots.get("customer") or {}
        shelf, zone = (
            self.stock.shelf(voice.locale),
            str(customer.get("timezone") or self._brand.get("timezone") or "UTC"),
        )
        METER.start(zone, int(roots.get("now") or 0), shelf.listed)
        METER.charge(kept.fuel)
        METER.amounts |= kept.amounts
        given = {"message_id": message_id, "journey": journey, "locale": voice.locale}
        campaign = {"utm_source": "parcours", "utm_medium": place or channel, "utm_campaign": journey or message}
        own = Given(self._links, self._pools, outside, to, given, campaign, marketing=marketing)
        parts: dict[str, str] = {}
        variables = {
            **voice.words,
            "catalog": shelf.kinds,
            **{
                name: _named(shelf.listed, value)
                for name, value in roots.items()
                if value is not None and name not in _OURS
            },
            "link": own.link,
            "voucher": own.voucher,
            "marketing": marketing,
            "channel": place or channel,
            "parts": parts,
        }
        if self._kept.asks_for_links(message, channel):
            variables["links"] = own.links  # pages of ours among them, which have to be signed
        spent: dict[str, Spent] = {}
        blocks: dict[str, Told] = {}
        for part in EVERYWHERE[channel]:
            if part.name in kept.parts:
                parts[part.name] = kept.parts[part.name]
                continue
            left, amounts = METER.left, METER.amounts
            METER.amounts = set()
            variables["layout"] = part.layout
            variables["ui"] = voice.components(part.form, self._links.checked)
            template = voice.message(message, part.markup)
            if part.only and part.only not in template.blocks:
                parts[part.name] = ""
            else:
                text = filled(template, variables, part, kept.blocks.get(part.name, _NOTHING))
                parts[part.name] = self._finish(part, text)
                blocks[part.name] = self._kept.blocks(said, part, template, variables)
            spent[part.name] = left - METER.left, METER.amounts
            METER.amounts = amounts | METER.amounts
        self._kept.keep(said, parts, spent, blocks)
        picture = outside.opening(to) if to.opens and "html" in parts else None
        if picture is not None:
            parts["html"] = _with_picture(parts["html"], picture)
        return parts, own.targets

    def _finish(self, part: Part, text: str) -> str:
        if part.one_line:
            text = one_line(plain_signs(text) if part.signs else text)
            if part.name in ("link", "image"):
                text = next(filter(self._links.allowed, text.split(" ")), "")
        elif not part.markup:
            text = plain(text)
        if part.needs and not text:
            raise ValueError(
                f"its {part.name} is empty: write {{% block {part.needs} %}}...{{% endblock %}} with a text in it."
            )
        return text


def _named(listed: Listed, value: Any) -> Any:
    """What an event says of a product and its price, knowing which product it is."""
    return listed.named(value) if type(value) is dict and "price" in value else value


def _with_picture(html: str, address: str) -> str:
    """The page with a picture that nobody sees at its end."""
    page, end, rest = html.rpartition("</body>")
    picture = f'<img src="{address}" width="1" height="1" alt="" style="display:block;border:0" />'
    return page + picture + end + rest if end else html + picture
