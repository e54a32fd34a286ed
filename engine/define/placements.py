"""`placements:` - the places in channel apps where an action may be shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pydantic import Field

from engine.define.doc import Doc, did_you_mean
from engine.define.shape import shaped
from engine.define.shapes import Shape
from engine.define.vocabulary import TypeReader
from engine.model.plan import Placement
from engine.model.vocabulary import Type


class PlacementShape(Shape):
    """One placement."""

    about: str = Field(default="", description="Where it is, in a sentence.")
    show: int = Field(default=1, ge=1, le=50, description="How many actions it shows at most.")
    fallback: str | None = Field(default=None, description="The action or message it shows when there is nothing else.")
    context: dict[str, Any] = Field(
        default_factory=dict, description="What is said when it asks: {intent: text, basket_id: text}."
    )
    channel: str | None = Field(default=None, description="Where it stands: web, app, store, phone.")


# How the first word of a placement's name says where it stands.
PLACES = {"web": "web", "app": "app", "store": "store", "till": "store", "call_centre": "phone", "phone": "phone"}


def where_shown(doc: Doc | None, channels: Collection[str]) -> tuple[str, ...]:
    """The channels at which the placements of a document stand, however well the rest of it reads."""
    data = doc.data.get("placements") if doc is not None and isinstance(doc.data, dict) else None
    found: dict[str, None] = {}
    for name, value in data.items() if isinstance(data, dict) else ():
        own = value.get("channel") if isinstance(value, dict) else None
        found[str(own or _by_name(str(name)))] = None
    return tuple(channel for channel in found if channel in channels)


def _by_name(placement: str) -> str:
    return PLACES.get(placement.partition(".")[0], "")


def compile_placements(
    doc: Doc | None, messages: Collection[str], channels: Collection[str], actions: Collection[str] = ()
) -> dict[str, Placement]:
    """The placements by name; what is wrong goes to `doc`.

    `messages` are those that have a template, `channels` those that events come by.
    """
    if doc is None:
        return {}
    data = doc.data.get("placements")
    if not isinstance(data, dict):
        doc.problem(("placements",), "placements are names, one a line.", "Write 'web.home: {show: 1}'.")
        doc.left_out |= {part for each in data for part in str(each).split(".")} if isinstance(data, list) else set()
        return {}
    found: dict[str, Placement] = {}
    for written, value in data.items():
        name, path = str(written), ("placements", written)
        shape = shaped(doc, value if value is not None else {}, PlacementShape, path) or PlacementShape()
        fallback = shape.fallback or ""
        if fallback and fallback not in messages and fallback not in actions:
            hint = did_you_mean(fallback, messages) or f"Write templates/messages/{fallback}.j2."
            text = f"there is no template for the message '{fallback}'."
            doc.problem((*path, "fallback"), text, hint, code="unknown_message")
        channel = shape.channel or _by_name(name)
        if shape.channel is not None and shape.channel not in channels:
            text = f"no channel '{shape.channel}'."
            doc.problem((*path, "channel"), text, did_you_mean(shape.channel, channels), code="unknown_channel")
        known = fallback in messages or fallback in actions
        reader = TypeReader(doc)
        context = {key: reader.type((*path, "context", key), each) for key, each in shape.context.items()}
        found[name] = Placement(name, shape.show, fallback if known else "", shape.about, channel, context)
    return found


def said_when_asking(placements: Iterable[Placement]) -> Mapping[str, Type] | None:
    """What any placement says of the moment; None when none declares it, and anything may be asked for."""
    found = {name: kind for placement in placements for name, kind in placement.context.items()}
    return found or None
