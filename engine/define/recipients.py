"""`recipients:` of the policies, and `to:` of a `send`: messages to our own people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field

from engine.channels import CHANNEL
from engine.define.doc import Doc, Path, did_you_mean
from engine.define.shapes import Shape
from engine.journey.whom import Whom
from engine.model.policy import Recipient
from engine.model.problem import NOWHERE

if TYPE_CHECKING:
    from engine.define.at_step import At

# The channels by which one person or mailbox is reached; a push token is a customer's, a store has prompts.
REACHES = ("email", "sms")
# What a step says that makes sense for a customer only.
FOR_CUSTOMERS = ("purpose", "respect_quiet", "on_quiet", "on_cap", "try_next_after", "unless")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_ITEM = re.compile(r"catalog\.(\w+)\[\s*(\w+(?:\.\w+)+)\s*\]\.(\w+)")


class RecipientShape(Shape):
    """One of our own people, or a mailbox that several read."""

    email: str | None = Field(default=None, description="The e-mail address.")
    sms: str | None = Field(default=None, description="The telephone number: +33...")
    locale: str = Field(default="", description="The language they read (default: the brand's).")


def compile_recipients(doc: Doc | None, shapes: Mapping[str, str | RecipientShape]) -> dict[str, Recipient]:
    """The declared recipients. Problems go to `doc`."""
    found: dict[str, Recipient] = {}
    for name, written in shapes.items():
        path: Path = ("policies", "recipients", name)
        shape = RecipientShape(email=written) if isinstance(written, str) else written
        given = {channel: getattr(shape, channel) for channel in REACHES if getattr(shape, channel) is not None}
        if doc is not None:
            _check(doc, path, name, given, isinstance(written, str))
        place = doc.place(path, key=True) if doc is not None else NOWHERE
        found[name] = Recipient(name, given, shape.locale, place)
    return found


def _check(doc: Doc, path: Path, name: str, given: Mapping[str, str], single: bool) -> None:
    if not _NAME.fullmatch(name):
        doc.problem(path, f"'{name}' is no name.", "Use small letters, digits and _.", key=True, code="policy")
    if not given:
        doc.problem(path, f"'{name}' has no address.", "Write 'email: name@shop.example'.", code="policy")
    for channel, address in given.items():
        if CHANNEL[channel].normalise(address) is None:
            at = path if single else (*path, channel)
            hint = "Write 'name@shop.example'." if channel == "email" else "Write '+33612345678', in quotes."
            doc.problem(at, f"'{address}' is no address for {channel}.", hint, code="policy")


def read_to(at: At, field: str, text: str, via: tuple[str, ...], shape: Any) -> Whom:
    """`to:` of a step, checked against what is declared."""
    doc, path = at.doc, (*at.path, field)
    for other in FOR_CUSTOMERS:
        if other in shape.model_fields_set:
            message = f"'{other}' is for messages to customers; this one goes to '{text}'."
            doc.problem((*at.path, other), message, "Take this line out.", code="step", key=True)
    for name in via:
        if name not in REACHES:
            message = f"none of your own people is reached by {name}."
            doc.problem((*at.path, "via"), message, f"Write {' or '.join(REACHES)}.", code="step")
    if "." not in text or "@" in text:
        _declared(at, path, text, via)
        return Whom(text)
    if len(via) > 1:
        doc.problem((*at.path, "via"), f"'{text}' is one address, for one channel.", "Name one.", code="step")
    item = _ITEM.fullmatch(text)
    if item is None:
        return Whom(text, at.path_to(path, text, ("text",)))
    kind, key, name = item.groups()
    items = at.world.catalog.get(kind)
    if items is None:
        hint = did_you_mean(kind, at.world.catalog)
        doc.problem(path, f"the catalogue has no '{kind}'.", hint, code="unknown_recipient")
    elif items and not any(name in each for each in items.values()):
        known = {each for fields in items.values() for each in fields}
        doc.problem(path, f"no item of '{kind}' has '{name}'.", did_you_mean(name, known), code="unknown_recipient")
    return Whom(text, at.path_to(path, key, ("text",)), kind, name)


def _declared(at: At, path: Path, text: str, via: tuple[str, ...]) -> None:
    known = at.world.recipients
    if text not in known:
        hint = did_you_mean(text, known) or f"Declare it in the policies: recipients: {{{text}: name@shop.example}}."
        if "@" in text:
            hint = "Give it a name in the policies: recipients: {care_team: " + text + "}; then write 'to: care_team'."
        at.doc.problem(path, f"no recipient '{text}' in the policies.", hint, code="unknown_recipient")
        return
    lacking = [name for name in via if name in REACHES and name not in known[text].addresses]
    for name in lacking:
        hint = f"Write it in the policies: recipients: {{{text}: {{{name}: ...}}}}."
        at.doc.problem((*at.path, "via"), f"'{text}' has no address for {name}.", hint, code="unknown_recipient")
