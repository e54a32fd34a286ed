"""SMS: one short text to a telephone number."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType

from engine.channels.channel import Channel, plain_text


def normalise(value: object) -> str | None:
    """`'+33 6 12 34 56 78'` -> `'+33612345678'` (E.164); None when it cannot be a number.

    The country code must be there (`+33` or `0033`): guessing it would write to a stranger. Length and
    country are checked, the block of numbers is not, because operators open new ones all the time.
    """
    return phone_number(value)


def phone_number(value: object, country: str = "") -> str | None:
    """The same, for a number that may be written as within `country` ('FR'): `06 12 34 56 78`."""
    text = plain_text(value)
    return _number(text, country) if text is not None else None


@lru_cache(maxsize=16_384)  # 0.1 ms, and each message asks
def _number(text: str, country: str) -> str | None:
    if text.startswith("00"):
        text = "+" + text[2:]
    import phonenumbers  # 50 ms, and many commands never come here

    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


SMS = Channel(
    name="sms",
    address="phone",
    parts=("text",),
    normalise=normalise,
    reports_open=False,  # an operator reports delivery at best
    limits=MappingProxyType({"segments": 3}),
)
