"""`vocabulary:` - the tracking plan: events, customer attributes, objects, identifiers, channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import Field

from engine.define.built_in import BUILT_IN, IDENTIFIERS, TEXT
from engine.define.condition import ENVELOPE
from engine.define.doc import Doc, Path, did_you_mean
from engine.define.history import parse_since
from engine.define.identifiers import IdentifierShape, Strength, form_of, strength_of
from engine.define.shape import shaped
from engine.define.shapes import Shape
from engine.define.span import parse_span
from engine.define.vocabulary_fits import case_names, object_names, type_fits
from engine.define.zones import zones_by_country
from engine.model.problem import NOWHERE
from engine.model.span import DAY
from engine.model.vocabulary import CHANNELS, Attribute, EventType, ObjectType, Source, Type, Vocabulary

TYPES = ("text", "number", "integer", "yes_no", "date", "instant")


class EventShape(Shape):
    """An event and its properties."""

    about: str = Field(default="", description="What it means, in a sentence.")
    keep: str = Field(default="400d", description="How long it is remembered: 400d.")
    since: str | None = Field(
        default=None, description="Where its history begins: 2026-05-01. A look-back beyond it cannot be answered."
    )
    properties: dict[str, Any] = Field(default_factory=dict, description="Names and types.")


class AttributeShape(Shape):
    """A customer attribute and what moves it."""

    type: Any = Field(default="text", description="text, number, integer, yes_no, date, instant, or a list [text].")
    from_: str | list[str] = Field(default_factory=list, alias="from", description="event.property that sets it.")
    version: str | None = Field(default=None, description="event.property that orders the values: the highest wins.")
    count: str | None = Field(default=None, description="Count this event.")
    open: str | None = Field(default=None, description="The event that opens a case; counted until it closes.")
    close: str | None = Field(default=None, description="The event that closes it.")
    by: str | None = Field(default=None, description="The property that names the case.")
    expires: str = Field(
        default="30d", description="How long after its last opening a case counts that nobody closes; or never."
    )


class ObjectShape(Shape):
    """A thing with a life of its own: a basket, an order, a case."""

    id: str = Field(description="The property that names one of them: basket_id.")
    from_: str | list[str] = Field(alias="from", description="The events that carry its newest state.")
    ends: str | list[str] = Field(default_factory=list, description="The events after which it is over.")
    version: str | None = Field(default=None, description="The property that orders its states.")
    less: str | list[str] = Field(
        default_factory=list, description="The events that take items out of its lists, or everything."
    )
    item: str | None = Field(default=None, description="With less: the property that tells items apart, such as sku.")


class VocabularyShape(Shape):
    """The whole vocabulary."""

    identifiers: dict[str, Strength | IdentifierShape] = Field(default_factory=lambda: dict(IDENTIFIERS))
    country: str = Field(default="", description="The country of phone numbers without a code: FR.")
    addresses: dict[str, str] = Field(default_factory=dict, description="channel: the attribute with the address.")
    channels: list[str] = Field(default_factory=list, description="Channels beyond the usual ones.")
    events: dict[str, EventShape] = Field(default_factory=dict)
    customer: dict[str, AttributeShape] = Field(default_factory=dict)
    objects: dict[str, ObjectShape] = Field(default_factory=dict)


def compile_vocabulary(
    doc: Doc | None, addresses: dict[str, str], began: Mapping[str, int] | None = None
) -> Vocabulary:
    """The vocabulary of a document (None: the built-in one). `addresses` are the channels' own defaults;
    `began` says where the history of an event begins (epoch ms), unless the document does."""
    shape = VocabularyShape()
    if doc is not None and doc.data is not None:
        shape = shaped(doc, doc.data["vocabulary"], VocabularyShape, ("vocabulary",)) or shape
    reader = TypeReader(doc, began)
    events = {
        name: EventType(name, properties, about=about, built_in=True) for name, (about, properties) in BUILT_IN.items()
    }
    for name, event in shape.events.items():
        events[name] = reader.event(name, event)
    for channel in shape.addresses:
        if channel not in addresses:
            path: Path = ("vocabulary", "addresses", channel)
            reader.problem(path, f"no message leaves by '{channel}'.", did_you_mean(channel, addresses), key=True)
    strengths = {name: strength_of(written) for name, written in shape.identifiers.items()}
    strong_first = sorted(strengths.items(), key=lambda item: item[1] != "strong")
    forms = {name: form_of(name, written) for name, written in shape.identifiers.items()}
    if shape.country and shape.country not in zones_by_country():
        hint = did_you_mean(shape.country, zones_by_country())
        reader.problem(("vocabulary", "country"), f"'{shape.country}' is no country.", hint or "Write its code: FR.")
    attributes = {name: reader.attribute(name, each, events) for name, each in shape.customer.items()}
    for name in [*shape.identifiers, *addresses.values(), "timezone", "last_timezone", "country", "locale"]:
        attributes.setdefault(name, Attribute(name, TEXT))
    objects = {name: reader.object(name, each, events) for name, each in shape.objects.items()}
    return _indexed(
        Vocabulary(
            events=events,
            attributes=attributes,
            objects=objects,
            identifiers=dict(strong_first),
            forms={name: form for name, form in forms.items() if form != "text"},
            country=shape.country if shape.country in zones_by_country() else "",
            addresses={**addresses, **shape.addresses},
            channels=(*CHANNELS, *(name for name in shape.channels if name not in CHANNELS)),
        )
    )


def _indexed(vocabulary: Vocabulary) -> Vocabulary:
    """Fill the look-up tables: which event moves what."""
    setters: dict[str, list[tuple[Attribute, str, str]]] = {}
    for attribute in vocabulary.attributes.values():
        versions = {source.event: source.property for source in attribute.version}
        for source in attribute.sources:
            setters.setdefault(source.event, []).append((attribute, source.property, versions.get(source.event, "")))
        if attribute.count or attribute.opens:
            vocabulary.zeros[attribute.name] = 0
        if attribute.count:
            vocabulary.counters[attribute.count] = (*vocabulary.counters.get(attribute.count, ()), attribute)
        for event in {attribute.opens, attribute.closes} - {""}:
            vocabulary.cases[event] = (*vocabulary.cases.get(event, ()), attribute)
    vocabulary.setters.update({event: tuple(found) for event, found in setters.items()})
    for kind in vocabulary.objects.values():
        for event in dict.fromkeys((*kind.events, *kind.ends, *kind.less)):
            vocabulary.carriers[event] = (*vocabulary.carriers.get(event, ()), kind)
    return vocabulary


class TypeReader:
    """Compiles single declarations and reports what is wrong with them."""

    def __init__(self, doc: Doc | None, began: Mapping[str, int] | None = None) -> None:
        self.doc = doc
        self.began = began or {}

    def problem(self, path: Path, message: str, hint: str = "", *, key: bool = False) -> None:
        if self.doc is not None:
            self.doc.problem(path, message, hint, key=key, code="vocabulary")

    def event(self, name: str, shape: EventShape) -> EventType:
        path: Path = ("vocabulary", "events", name)
        if name in BUILT_IN:
            self.problem(path, f"'{name}' is built in and cannot be declared again.", "Choose another name.", key=True)
        if not name.isidentifier():
            self.problem(path, f"'{name}' is no name for an event.", "Use letters, digits and _.", key=True)
        keep = 400 * DAY
        try:
            keep = parse_span(shape.keep).elapsed
        except ValueError as fault:
            self.problem((*path, "keep"), str(fault))
        since = self.began.get(name)
        try:
            since = parse_since(shape.since) if shape.since is not None else since
        except ValueError as fault:
            self.problem((*path, "since"), str(fault))
        properties = {
            prop: self.type((*path, "properties", prop), written) for prop, written in shape.properties.items()
        }
        place = self.doc.place(path, key=True) if self.doc is not None else NOWHERE
        return EventType(
            name,
            properties,
            keep=keep,
            about=shape.about,
            place=place,
            since=since,
            since_written=shape.since is not None,
        )

    def type(self, path: Path, written: Any) -> Type:
        """A written type: a name, a list of one type, or names with types."""
        if isinstance(written, str) and written in TYPES:
            return Type(written)
        if isinstance(written, list) and len(written) == 1:
            return Type("list", of=self.type((*path, 0), written[0]))
        if isinstance(written, dict) and written:
            return Type("item", fields={str(k): self.type((*path, k), v) for k, v in written.items()})
        hint = did_you_mean(written, TYPES) if isinstance(written, str) else "Write [text] or [{sku: text}]."
        self.problem(path, f"'{written}' is no type.", hint)
        return TEXT

    def source(self, path: Path, written: str, events: dict[str, EventType]) -> Source | None:
        """`tier_changed.tier`"""
        event, _, prop = written.partition(".")
        if event not in events:
            self.problem(path, f"no event '{event}' is declared.", did_you_mean(event, events))
        elif prop not in events[event].properties and prop not in ENVELOPE:
            hint = did_you_mean(prop, events[event].properties) if prop else f"Write '{event}.property'."
            self.problem(path, f"'{event}' has no property '{prop}'.", hint)
        else:
            return Source(event, prop)
        return None

    def attribute(self, name: str, shape: AttributeShape, events: dict[str, EventType]) -> Attribute:
        path: Path = ("vocabulary", "customer", name)
        written = [shape.from_] if isinstance(shape.from_, str) else shape.from_
        sources = [
            self.source((*path, "from") if isinstance(shape.from_, str) else (*path, "from", i), s, events)
            for i, s in enumerate(written)
        ]
        version = self.source((*path, "version"), shape.version, events) if shape.version else None
        for field in ("count", "open", "close"):
            event = getattr(shape, field)
            if event and event not in events:
                self.problem((*path, field), f"no event '{event}' is declared.", did_you_mean(event, events))
        if any((shape.open, shape.close, shape.by)) and not all((shape.open, shape.close, shape.by)):
            self.problem(path, "a count of open cases needs 'open', 'close' and 'by'.", key=True)
        expires: int | None = None
        try:
            expires = parse_span(shape.expires).elapsed if shape.expires != "never" else None
        except ValueError as fault:
            self.problem((*path, "expires"), str(fault))
        if "expires" in shape.model_fields_set and not shape.open:
            self.problem((*path, "expires"), "only a count of open cases expires.", "Take this line away.", key=True)
        counted = bool(shape.count or shape.open)
        if not counted and "type" in shape.model_fields_set:
            type_fits(self.problem, path, self.type((*path, "type"), shape.type), sources, events)
        case_names(self.problem, path, shape.by or "", (shape.open or "", shape.close or ""), events)
        return Attribute(
            name=name,
            type=Type("integer") if counted else self.type((*path, "type"), shape.type),
            sources=tuple(source for source in sources if source is not None),
            version=(version,) if version is not None else (),
            count=shape.count or "",
            opens=shape.open or "",
            closes=shape.close or "",
            by=shape.by or "",
            expires=expires,
        )

    def object(self, name: str, shape: ObjectShape, events: dict[str, EventType]) -> ObjectType:
        path: Path = ("vocabulary", "objects", name)
        carriers = [shape.from_] if isinstance(shape.from_, str) else shape.from_
        ends = [shape.ends] if isinstance(shape.ends, str) else shape.ends
        fields: dict[str, Type] = {}
        for field, names in (("from", carriers), ("ends", ends)):
            for event in names:
                if event not in events:
                    self.problem((*path, field), f"no event '{event}' is declared.", did_you_mean(event, events))
                    continue
                for prop, kind in events[event].properties.items():
                    fields.setdefault(prop, kind)
        version = shape.version or ""
        object_names(self.problem, path, shape.id, version, (*carriers, *ends), carriers, events)
        return self.less(path, ObjectType(name, shape.id, tuple(carriers), tuple(ends), version, fields), shape, events)

    def less(self, path: Path, kind: ObjectType, shape: ObjectShape, events: dict[str, EventType]) -> ObjectType:
        """The object with what is taken out of it."""
        names = [shape.less] if isinstance(shape.less, str) else shape.less
        if bool(names) != bool(shape.item):
            self.problem(path, "'less' and 'item' belong together.", "For example less: return_started, item: sku.")
        lists = tuple(
            name
            for name, each in kind.fields.items()
            if each.name == "list" and each.of is not None and shape.item in each.of.fields
        )
        if names and shape.item and not lists:
            self.problem((*path, "item"), f"no list of '{kind.name}' has items with a '{shape.item}'.")
        for event in names:
            if event not in events:
                self.problem((*path, "less"), f"no event '{event}' is declared.", did_you_mean(event, events))
            elif kind.id not in events[event].properties:
                self.problem((*path, "id"), f"'{event}' has no property '{kind.id}'.")
        return replace(kind, less=tuple(names), item=shape.item or "", lists=lists)
