"""Believable values for declared properties, found by their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FIRST_NAMES = {"en": "Olivia", "fr": "Camille", "de": "Hannah", "es": "Lucía", "it": "Giulia", "nl": "Sanne"}
LAST_NAMES = {"en": "Bennett", "fr": "Laurent", "de": "Krüger", "es": "García", "it": "Ricci", "nl": "de Vries"}
COUNTRIES = {"en": "GB", "fr": "FR", "de": "DE", "es": "ES", "it": "IT", "nl": "NL"}

# Property -> the value of the first, second, ... thing in a list. A name is looked for whole, then by its last word.
TEXT: Mapping[str, tuple[str, ...]] = {
    "email": ("olivia.bennett@example.com",),
    "phone": ("+33612345678",),
    "token": ("device-7f3a",),
    "card": ("2900 4417 0082",),
    "address": ("12 rue des Fougères, 69002 Lyon",),
    "city": ("Lyon",),
    "timezone": ("Europe/Paris",),
    "currency": ("EUR",),
    "tier": ("gold",),
    "store": ("Lyon",),
    "name": ("Trail boots", "Wool socks"),
    "title": ("Trail boots", "Wool socks"),
    "product": ("Trail boots", "Wool socks"),
    "sku": ("boots-42", "socks-m"),
    "size": ("42", "M"),
    "colour": ("moss green", "grey"),
    "color": ("moss green", "grey"),
    "category": ("boots", "socks"),
    "brand": ("Fernhill", "Fernhill"),
    "carrier": ("Colissimo",),
    "code": ("AUTUMN24",),
    "voucher": ("AUTUMN24",),
    "subject": ("A seam has come loose",),
    "reason": ("delivery",),
    "comment": ("The left seam has come loose.",),
    "image": ("https://example.com/boots.jpg", "https://example.com/socks.jpg"),
    "url": ("https://example.com/boots", "https://example.com/socks"),
    "link": ("https://example.com/boots", "https://example.com/socks"),
    "associate": ("Marc",),
    "channel": ("web",),
    "id": ("A1042", "A1043"),
}
NUMBERS: Mapping[str, tuple[float, ...]] = {
    "price": (89.0, 12.5),
    "was": (109.0, 15.0),
    "amount": (114.0,),
    "total": (114.0,),
    "discount": (10.0,),
    "percent": (10.0,),
    "points": (1250.0,),
    "balance": (24.5,),
    "rating": (4.5,),
    "mark": (4.0,),
    "score": (9.0,),
    "quantity": (1.0, 2.0),
    "qty": (1.0, 2.0),
    "items": (3.0,),
    "orders": (7.0,),
    "cases": (0.0,),
    "version": (1.0,),
    "days": (2.0,),
}
DATES: Mapping[str, str] = {"birthday": "1988-06-12", "departure": "2026-07-04"}
# Nothing here reads a clock: a page that is made again without a change stays the same to the byte.
DAY, INSTANT = "2026-06-12", 1_781_256_600_000  # 2026-06-12T09:30:00Z


def known(table: Mapping[str, Any], name: str) -> Any:
    """The entry for a property's whole name, else for its last word; None when there is none."""
    return table.get(name, table.get(name.rpartition("_")[2]))
