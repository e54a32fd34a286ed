"""The people of the grocer's year: all of it is made up here, from a hash of the household's number.

The data knows households only as numbers. Names, addresses, languages and consents are invented so that
messages can be written; they are the same on every run. Mail goes to example.com and every phone number
lies in 555-0100 to 555-0199, which is reserved for fiction: none can reach anybody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

_AREAS = "201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 224 225 228 229 231 234 239 240 248"
_NAMES = (
    "Ada Alice Amir Anna Ben Carla Chloe Clara Daniel David Diego Elena Emma Eric Fatima Grace Hannah Hugo "
    "Ines Jack James Jonas Julia Karim Laura Leah Leo Louis Lucas Maria Marie Mark Maya Nadia Nina Noah "
    "Olga Omar Paul Peter Rosa Ruth Sam Sara Simon Sofia Theo Tom Vera Yasmin"
)
AREAS = _AREAS.split()
NAMES = _NAMES.split()
AGREE = {"email": 0.70, "push": 0.45, "sms": 0.35}
"""Share of households that agreed to marketing on a channel when they took the card."""
WORDING = {
    "email": "Send me offers and recipes by e-mail. I can stop this at any time.",
    "push": "Tell me about offers in the app. I can switch this off at any time.",
    "sms": "Send me offers by text message. I can reply STOP at any time.",
}


def chance(household: int, salt: str) -> float:
    """A number in [0, 1) that belongs to this household and this salt, on every machine alike."""
    digest = hashlib.sha256(f"grocer|{salt}|{household}".encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2**56


def phone(household: int) -> str:
    """E.164, one number per household: a phone identifies, so no two may share one.

    Raises ValueError for a number for which there is no fictional phone left.
    """
    area, line = divmod(household, 100)
    if not 0 <= area < len(AREAS):
        raise ValueError(f"Household {household}: fictional numbers reach from 0 to {len(AREAS) * 100 - 1}.")
    return f"+1{AREAS[area]}55501{line:02d}"


def card(household: int, home_store: str) -> dict[str, str]:
    """What the (made-up) card form says: properties of `card_issued`. One in five reads French;
    six in ten have the app, the others carry no `push_token`."""
    name = NAMES[int(chance(household, "name") * len(NAMES))]
    facts = {
        "first_name": name,
        "email": f"{name.lower()}.{household}@example.com",
        "phone": phone(household),
        "locale": "fr" if chance(household, "locale") < 0.2 else "en",
        "home_store": home_store,
    }
    if chance(household, "app") < 0.6:
        facts["push_token"] = hashlib.sha256(f"grocer|token|{household}".encode()).hexdigest()[:32]
    return facts


def consents(household: int) -> Iterator[dict[str, str]]:
    """Properties of `consent_changed`, one for each channel this household agreed to; maybe none."""
    for channel, share in AGREE.items():
        if chance(household, f"consent {channel}") < share:
            yield {
                "channel": channel,
                "purpose": "marketing",
                "state": "granted",
                "source": "card_form",
                "wording": WORDING[channel],
            }
