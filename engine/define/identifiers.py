"""Identifiers: how strong each is, and the one spelling of its values, so that one customer typed twice stays one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from engine.channels.email import normalise as email_address
from engine.channels.sms import phone_number
from engine.define.shapes import Shape
from engine.model.vocabulary import Vocabulary

Strength = Literal["strong", "weak"]
Form = Literal["text", "email", "phone", "card"]
FORMS: tuple[Form, ...] = ("text", "email", "phone", "card")
# What these names mean unless the vocabulary says otherwise.
USUAL: Mapping[str, Form] = {"email": "email", "phone": "phone", "loyalty_card": "card"}
_CARD = re.compile(r"[A-Z0-9]{3,40}")


class IdentifierShape(Shape):
    """An identifier, written out: `{strength: weak, type: phone}`."""

    strength: Strength = Field(description="strong: two people never share it; weak: a family may.")
    type: Form | None = Field(default=None, description="How it is spelled: text, email, phone or card.")


def strength_of(written: Strength | IdentifierShape) -> Strength:
    """`weak`, or the strength of `{strength: weak, type: phone}`."""
    return written.strength if isinstance(written, IdentifierShape) else written


def form_of(name: str, written: Strength | IdentifierShape) -> Form:
    """How the values of an identifier are spelled: as it says, else as its name usually means."""
    told = written.type if isinstance(written, IdentifierShape) else None
    return told or USUAL.get(name, "text")


def spelled(vocabulary: Vocabulary, name: str, value: str) -> str | None:
    """The one spelling of an identifier's value; None when it cannot be one.

    email  `Ana@Example.ORG` -> `ana@example.org`
    phone  `06 12 34 56 78` -> `+33612345678` with `country: FR`; without one the country code must be there
    card   `1234-5678 9` -> `123456789`
    """
    form = vocabulary.forms.get(name)
    if form == "email":
        return email_address(value)
    if form == "phone":
        return phone_number(value, vocabulary.country)
    if form == "card":
        plain = re.sub(r"[\s.\-]", "", value).upper()
        return plain if _CARD.fullmatch(plain) else None
    return value.strip()


def wrong(vocabulary: Vocabulary, name: str) -> str:
    """What is wrong with a value that has no spelling, and what to write."""
    form = vocabulary.forms.get(name)
    if form == "email":
        return "is no e-mail address: write ana@example.org"
    if form == "phone":
        hint = "" if vocabulary.country else ", or say 'country:' in the vocabulary"
        return f"is no phone number: write it with its country code, +33612345678{hint}"
    return "is no card number: write letters and digits, 3 to 40 of them"
