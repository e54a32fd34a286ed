"""The made-up customers of a preview: one of whom everything is known, one of whom next to nothing is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.model.plan import Plan
from engine.model.vocabulary import Type
from engine.render.preview import words


@dataclass(frozen=True, slots=True)
class Persona:
    """`known` says in a sentence what is known of this customer; `values` are attributes that the workspace gives."""

    name: str
    label: str
    known: str
    values: Mapping[str, Any] = field(default_factory=dict)


FULL = Persona("full", "Well known", "Every declared attribute has a value.")
SPARSE = Persona("sparse", "Hardly known", "Nothing is known but identifiers and what happened.")
PERSONAS = (FULL, SPARSE)


def personas_of(brand: Mapping[str, Any]) -> tuple[Persona, ...]:
    """The two that every preview has, and those that the brand gives."""
    own = (
        Persona(name, name, "Known: " + ", ".join(f"{key} {value}" for key, value in values.items()) + ".", values)
        for name, values in (brand.get("personas") or {}).items()
    )
    return (*PERSONAS, *own)


class Maker:
    """Makes values for the declared names of one workspace, in one language."""

    def __init__(self, plan: Plan, locale: str) -> None:
        self.plan, self.locale = plan, locale
        self.language = locale.partition("_")[0]

    def roots(self, persona: Persona, events: Iterable[str], awaited: Iterable[str]) -> dict[str, Any]:
        """What a message sees: `customer`, `start`, `event` and every declared object.

        `events` are those that may have started the journey, `awaited` those it may have waited for since.
        """
        events = tuple(events)
        start = self._event(events)
        objects = {
            name: self._coherent(self.fields(kind.fields)) for name, kind in self.plan.vocabulary.objects.items()
        }
        for data in objects.values():
            data.update({field: value for field, value in start.items() if field in data})
        return {
            **objects,
            "customer": {**self.customer(persona), **self._about(events, start), **persona.values},
            "start": start,
            "event": {**start, **self._event(awaited)},
            "context": {},
        }

    def customer(self, persona: Persona) -> dict[str, Any]:
        """The customer's attributes; the locale is left to the renderer's caller."""
        vocabulary = self.plan.vocabulary
        names = {name: Type("text") for name in vocabulary.identifiers}
        if persona is FULL:
            names |= {name: each.type for name, each in vocabulary.attributes.items()}
        made = self.fields(names)
        if "locale" in made:
            made["locale"] = self.locale
        return made

    def fields(self, types: Mapping[str, Type], index: int = 0) -> dict[str, Any]:
        """A value for each name; `index` tells the things of one list apart."""
        return {name: self.value(name, kind, index) for name, kind in types.items()}

    def value(self, name: str, kind: Type, index: int = 0) -> Any:
        """A believable value of the declared type."""
        if kind.one_of:
            return _at(kind.one_of, index)
        if kind.name in ("number", "integer"):
            number = _at(words.known(words.NUMBERS, name) or (3.0,), index)
            return int(number) if kind.name == "integer" else number
        if kind.name == "yes_no":
            return True
        if kind.name == "date":
            return words.known(words.DATES, name) or words.DAY
        if kind.name == "instant":
            return words.INSTANT
        if kind.name == "list":
            of = kind.of or Type("text")
            return [self.value(_one(name), of, each) for each in (0, 1)]
        if kind.name == "item":
            return self.fields(kind.fields, index)
        return self._text(name, index)

    def _text(self, name: str, index: int) -> str:
        by_language = {
            "first_name": words.FIRST_NAMES,
            "last_name": words.LAST_NAMES,
            "country": words.COUNTRIES,
        }.get(name)
        if by_language is not None:
            return by_language.get(self.language, by_language["en"])
        if name in ("locale", "language"):
            return self.locale
        for catalog, items in self.plan.catalog.items():
            # `store`, `home_store` and `store_id` name one of `stores`: a message looks it up
            one = _one(str(catalog))
            if items and (name in (one, f"{one}_id") or name.endswith(f"_{one}") or _keyed(items, name)):
                return str(_at(tuple(items), index))
        return str(_at(words.known(words.TEXT, name) or (name.replace("_", " ").capitalize(),), index))

    def _about(self, events: Iterable[str], start: Mapping[str, Any]) -> dict[str, Any]:
        """The attribute that an event is all about, such as the tier of `tier_changed`: whoever had it, has it."""
        setters = [self.plan.vocabulary.setters.get(name, ()) for name in events]
        return {
            attribute.name: start[prop]
            for found in setters
            if len(found) == 1
            for attribute, prop, _ in found
            if start.get(prop) is not None
        }

    def _event(self, names: Iterable[str]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name in names:
            event = self.plan.vocabulary.events.get(name)
            if event is not None:
                made |= {"event": name, "channel": "web", "at": words.INSTANT, **self.fields(event.properties)}
                for attribute, prop, _ in self.plan.vocabulary.setters.get(name, ()):
                    made[prop] = self.value(attribute.name, attribute.type)  # `to` says nothing, `tier` does
        return self._coherent(made)

    def _coherent(self, data: dict[str, Any]) -> dict[str, Any]:
        """A total that is the sum of its lines."""
        for value in list(data.values()):
            lines = value if isinstance(value, list) and all(isinstance(each, dict) for each in value) else []
            if "total" in data and lines and all("price" in line for line in lines):
                data["total"] = sum(line["price"] * line.get("quantity", line.get("qty", 1)) for line in lines)
        return data


def _at(values: tuple[Any, ...], index: int) -> Any:
    return values[min(index, len(values) - 1)]


def _one(plural: str) -> str:
    """'stores' -> 'store', 'categories' -> 'category'."""
    return plural.removesuffix("ies") + "y" if plural.endswith("ies") else plural.removesuffix("s")


def _keyed(items: Mapping[str, Any], name: str) -> bool:
    """Whether a catalogue is keyed by a field of this name, such as `sku`: `seen_sku` names an item as well."""
    name = name.rpartition("_")[2]
    if name == "id":
        return False
    return all(isinstance(item, Mapping) and item.get(name) == key for key, item in items.items())
