"""The brand: what every message of every channel has in common."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from engine.policy.wallclock import zone
from engine.render.links import UNSAFE_SCHEMES

# In YAML a colour stands in quotes: a bare # begins a comment.
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$", examples=['"#1f5c46"'])]


def _an_address(value: str) -> str:
    around = re.sub(r"\{\w+\}", "", value)
    if "{" in around or "}" in around:
        raise ValueError(f"in '{value}' a brace is open. Write {{name}}, of letters, digits and _")
    if not re.match(r"[A-Za-z][\w+.-]*:", value):
        raise ValueError(f"'{value}' is no address. Write 'https://{value.lstrip('/')}'")
    if value.partition(":")[0].lower() in UNSAFE_SCHEMES or re.search(r"[\s\x00-\x1f]", value):
        raise ValueError(f"'{value}' is nothing to send a customer to. Write an address such as https://shop.example/")
    return value


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("this is one line, without control characters")
    return value


Line = Annotated[str, AfterValidator(_one_line), Field(min_length=1)]
Address = Annotated[str, AfterValidator(_an_address)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Colours(_Closed):
    """Six-digit hex colours. The `dark_` ones serve readers whose screen is in dark mode."""

    primary: Colour = Field(default="#1f5c46", description="Buttons and links.")
    on_primary: Colour = Field(default="#ffffff", description="The words on a button.")
    background: Colour = Field(default="#f3f1ec", description="Around the message.")
    surface: Colour = Field(default="#ffffff", description="Behind the message.")
    text: Colour = Field(default="#1d211f", description="The message itself.")
    muted: Colour = Field(default="#666b66", description="The small print.")
    rule: Colour = Field(default="#e4e1d9", description="Lines between items.")
    dark_background: Colour = Field(default="#121413", description="Around the message, in dark mode.")
    dark_surface: Colour = Field(default="#1d211f", description="Behind the message, in dark mode.")
    dark_text: Colour = Field(default="#f1f2ee", description="The message itself, in dark mode.")
    dark_muted: Colour = Field(default="#a3aaa4", description="The small print, in dark mode.")
    dark_rule: Colour = Field(default="#373d39", description="Lines between items, in dark mode.")


class Logo(_Closed):
    url: str = Field(
        pattern=r"^https://",
        examples=["https://shop.example/logo.png"],
        description="Address of the picture, 36 px high when shown.",
    )
    alt: str = Field(min_length=1, description="What is read where pictures are off.")


class Tone(_Closed):
    address: Literal["tu", "vous"] = Field(
        default="vous", description="How customers are addressed where a language differs."
    )
    avoid: list[str] = Field(default_factory=list, description="Words that no message may use.")
    emoji: bool = Field(default=True, description="Whether messages may use emoji.")


class SenderNames(_Closed):
    email: str = Field(
        pattern=r"^[^@\s]+@[^@\s]+$", examples=["hello@shop.example"], description="The From address of e-mails."
    )
    name: Line = Field(description="The From name of e-mails.")
    sms: str = Field(
        default="", pattern=r"^[A-Za-z0-9 +]{0,15}$", description="The sender of text messages: a word or a number."
    )


class BrandFile(_Closed):
    """`brand:` of journeys/brand.yaml."""

    name: Line = Field(description="The shop's name.")
    locale: str = Field(
        default="en",
        pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$",
        examples=["fr"],
        description="The language messages are written in.",
    )
    currency: str = Field(
        default="EUR",
        pattern=r"^[A-Z]{3}$",
        examples=["EUR"],
        description="ISO 4217 code of prices that have none.",
    )
    timezone: str = Field(default="UTC", description="Zone of dates for customers whose own is unknown.")
    colours: Colours = Field(default_factory=Colours, description="The palette.")
    logo: Logo | None = Field(default=None, description="Shown on top of e-mails; without it, the name is.")
    tone: Tone = Field(default_factory=Tone, description="How the shop speaks; checked in every message.")
    signature: dict[str, str] = Field(default_factory=dict, description="Closing lines of e-mails, by locale.")
    legal: dict[Literal["email", "sms", "push", "store"], dict[str, str]] = Field(
        default_factory=dict, description="What the law wants said, by channel and locale."
    )
    links: dict[str, Address] = Field(
        default_factory=dict,
        description='Addresses for link("name"), with {placeholders}; {message_id}, {journey}, {locale} are given.',
    )
    personas: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="Customers for the preview, by name: what is known of each."
    )
    sender: SenderNames | None = Field(default=None, description="Who messages come from.")

    @field_validator("locale")
    @classmethod
    def _a_language(cls, value: str) -> str:
        from babel import Locale, UnknownLocaleError

        try:
            Locale.parse(value)
        except UnknownLocaleError:
            raise ValueError(f"'{value}' is not a language; write en, fr or fr_CA") from None
        return value

    @field_validator("timezone")
    @classmethod
    def _a_zone(cls, value: str) -> str:
        from engine.define.zones import near_zone

        if zone(value) is None:
            raise ValueError(f"'{value}' is no time zone. {near_zone(value)}")
        return value
