"""`source:` - a program that sends events in its own words, and what they mean here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from engine.define.doc import Doc, Path, did_you_mean
from engine.define.shape import shaped
from engine.define.shapes import Shape
from engine.define.taken import TakenReader
from engine.define.zones import near_zone
from engine.model.source import EventSource, Means, Signature, Taken
from engine.model.vocabulary import Type, Vocabulary
from engine.policy.wallclock import zone

FORMS = ("webhook", "segment", "cloudevents")
NAME = re.compile(r"[a-z][a-z0-9_-]{0,59}")
NOTHING = Taken()


class SignatureShape(Shape):
    """How a webhook proves where it comes from."""

    header: str = Field(
        description="The header that holds the HMAC-SHA256 of the body.", examples=["X-WC-Webhook-Signature"]
    )
    secret: str = Field(description="The name of the secret in PARCOURS_SOURCE_SECRETS.")
    encoding: Literal["base64", "hex"] = Field(default="base64", description="How the header writes it.")
    prefix: str = Field(default="", description="What stands before it in the header.", examples=["sha256="])


class MeansShape(Shape):
    """What one of its events means here."""

    event: str = Field(description="The event of the vocabulary.")
    id: Any = Field(default=None, description="Its id, if not as the source says.")
    at: Any = Field(default=None, description="When it happened, if not as the source says.")
    channel: Any = Field(default=None, description="Where, if not as the source says.")
    profile: dict[str, Any] | None = Field(default=None, description="Whose, if not as the source says.")
    properties: dict[str, Any] = Field(default_factory=dict, description="Each property and where it is found.")
    fields: str | None = Field(
        default=None, description="An object whose members of the same names are taken, too. Default: the source's."
    )
    when: dict[str, Any] = Field(
        default_factory=dict, description="Paths and what must stand there: a value, a list of them, or null."
    )


class SourceShape(Shape):
    """A program that sends events."""

    source: str = Field(description="Its name: what it is called in addresses.")
    about: str = Field(default="", description="What it is, in a sentence.")
    form: Literal["webhook", "segment", "cloudevents"] = Field(
        default="webhook", description="How it sends: its own JSON, Segment's messages or CloudEvents."
    )
    signature: SignatureShape | None = Field(
        default=None, description="How it proves what it sends; without it, an API key is needed."
    )
    event: Any = Field(description="Where the name of what happened is found.", examples=["{header: X-Shopify-Topic}"])
    id: Any = Field(description="Where its id is found: the same id twice is one event.")
    at: Any = Field(default=None, description="Where it says when it happened. Default: when it arrives.")
    zone: str = Field(default="", description="The zone of instants that are written without one.", examples=["UTC"])
    channel: str = Field(default="", description="The channel of its events.")
    profile: dict[str, Any] = Field(default_factory=dict, description="Each identifier and where it is found.")
    fields: str | None = Field(
        default=None, description="An object whose members are taken where the vocabulary has these properties."
    )
    events: dict[str, Any] = Field(
        default_factory=dict,
        description="What each of its events means: an event, what is taken for it, a list, or skip.",
    )
    others: Literal["aside", "by_name", "skip"] = Field(
        default="aside", description="Names that are not among them: set aside, taken by their name, or left out."
    )


def compile_sources_of(docs: list[Doc], vocabulary: Vocabulary) -> dict[str, EventSource]:
    """The sources by name; what is wrong with a document becomes problems in it."""
    found: dict[str, EventSource] = {}
    for doc in docs:
        shape = shaped(doc, doc.data, SourceShape)
        if shape is None:
            continue
        source = _Reader(doc, vocabulary).source(shape)
        if not NAME.fullmatch(source.name):
            doc.problem(("source",), f"'{source.name}' is no name for a source.", "Use a-z, 0-9, _ and -.")
        same = next((o for o in found.values() if o.name == source.name), None)
        alike = next((o for o in found.values() if o.form == source.form != "webhook"), None)
        if same is not None:
            text = f"the source '{source.name}' stands in {same.place} already."
            doc.problem(("source",), text, "Choose another name.")
        elif alike is not None:
            text = f"'{alike.name}' in {alike.place} has the form {source.form} already: who sends it names no source."
            doc.problem(("form",), text, "Put both into one file.")
        else:
            found[source.name] = source
    return found


class _Reader:
    """Compiles one document."""

    def __init__(self, doc: Doc, vocabulary: Vocabulary) -> None:
        self.doc, self.vocabulary = doc, vocabulary
        self.taken = TakenReader(doc)

    def source(self, shape: SourceShape) -> EventSource:
        if shape.signature is not None and shape.form != "webhook":
            text = f"what comes in the form {shape.form} is let in by an API key."
            self.doc.problem(("signature",), text, "Take this away.", key=True)
        if shape.zone and zone(shape.zone) is None:
            self.doc.problem(("zone",), f"'{shape.zone}' is no time zone.", near_zone(shape.zone), code="time")
        if shape.channel and shape.channel not in self.vocabulary.channels:
            hint = did_you_mean(shape.channel, self.vocabulary.channels)
            self.doc.problem(("channel",), f"no channel '{shape.channel}'.", hint, code="unknown_channel")
        if not shape.profile and not all(isinstance(e, dict) and e.get("profile") for e in shape.events.values()):
            hint = "Add 'profile: {customer_id: ...}'."
            self.doc.problem(("source",), "whose events these are is missing.", hint, key=True)
        fields = self.taken.path(("fields",), shape.fields) if shape.fields is not None else None
        signature = shape.signature
        return EventSource(
            name=shape.source,
            form=shape.form,
            event=self.taken.read(("event",), shape.event),
            id=self.taken.read(("id",), shape.id),
            at=self.taken.read(("at",), shape.at) if shape.at is not None else NOTHING,
            channel=Taken(value=shape.channel),
            profile=self.profile(("profile",), shape.profile),
            events={name: self.meanings(("events", name), each) for name, each in shape.events.items()},
            fields=fields,
            others=shape.others,
            zone=shape.zone if shape.zone and zone(shape.zone) is not None else "",
            signature=Signature(**signature.model_dump()) if signature is not None else None,
            place=self.doc.place(("source",), key=True),
        )

    def meanings(self, path: Path, written: Any) -> tuple[Means, ...]:
        """What one of its names means: nothing, or one or several events."""
        if written == "skip":
            return ()
        if isinstance(written, list):
            found = [self.means((*path, place), each) for place, each in enumerate(written)]
        else:
            found = [self.means(path, written)]
        return tuple(each for each in found if each is not None)

    def means(self, path: Path, written: Any) -> Means | None:
        plain = isinstance(written, str)
        shape = shaped(self.doc, {"event": written} if plain else written, MeansShape, path)
        if shape is None:
            return None
        at_name = path if plain else (*path, "event")
        kind = self.vocabulary.events.get(shape.event)
        if kind is None:
            hint = did_you_mean(shape.event, self.vocabulary.events)
            text = f"no event '{shape.event}' is declared in the vocabulary."
            self.doc.problem(at_name, text, hint, code="unknown_event")
            return None
        for name in shape.properties:
            if name not in kind.properties:
                text, hint = f"'{shape.event}' has no property '{name}'.", did_you_mean(name, kind.properties)
                self.doc.problem((*path, "properties", name), text, hint, key=True)
        properties = {
            name: self.property((*path, "properties", name), each, kind.properties[name])
            for name, each in shape.properties.items()
            if name in kind.properties
        }
        return Means(
            event=shape.event,
            id=self._optional((*path, "id"), shape.id),
            at=self._optional((*path, "at"), shape.at),
            channel=self._optional((*path, "channel"), shape.channel),
            profile=self.profile((*path, "profile"), shape.profile) if shape.profile is not None else None,
            properties=properties,
            fields=self.taken.path((*path, "fields"), shape.fields) if shape.fields is not None else None,
            when=tuple(
                (self.taken.path((*path, "when", where), where), tuple(value) if isinstance(value, list) else (value,))
                for where, value in shape.when.items()
            ),
            place=self.doc.place(path, key=True),
        )

    def property(self, path: Path, written: Any, kind: Type) -> Taken:
        """Where a property is found; the members of its items must be declared."""
        found = self.taken.read(path, written)
        item = kind.of.fields if kind.of is not None else {}
        for name in found.fields:
            if name not in item:
                hint = did_you_mean(name, item)
                self.doc.problem((*path, "take", name), f"its items have no '{name}'.", hint, key=True)
        if found.each is not None and kind.name != "list":
            self.doc.problem((*path, "each"), f"{kind} is wanted here, and no list.", "Write a path.")
        return found

    def profile(self, path: Path, written: Mapping[str, Any]) -> dict[str, Taken]:
        """Identifiers and where they are found."""
        found = {}
        for name, each in written.items():
            if name not in self.vocabulary.identifiers:
                hint = did_you_mean(name, self.vocabulary.identifiers)
                self.doc.problem((*path, name), f"'{name}' is no identifier.", hint, key=True)
                continue
            found[name] = self.taken.read((*path, name), each)
        return found

    def _optional(self, path: Path, written: Any) -> Taken | None:
        return self.taken.read(path, written) if written is not None else None
