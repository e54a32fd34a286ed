"""What providers report, each in its own words: read here into receipts, once their signature holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from engine.channels.receipts import sendgrid, ses, standard, twilio
from engine.channels.receipts.post import Post, Reading

# name in the URL -> what reads it: the post, the secrets or keys that may have signed it, seconds since the epoch
Read = Callable[[Post, tuple[str, ...], float], Reading]
READERS: Mapping[str, Read] = MappingProxyType(
    {"sendgrid": sendgrid.read, "ses": ses.read, "twilio": twilio.read, "webhook": standard.read}
)
