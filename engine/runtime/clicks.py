"""Links that were followed and messages that were opened: where they lead, and what we may learn of it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.channels.signed_link import SHORT_TOKEN, BadLink, Click, LinkSigner, Opening
from engine.model.ids import shard_of_message
from engine.model.receipt import Receipt
from engine.policy.tracking import tracked
from engine.runtime import keys
from engine.runtime.blob import read_profile
from engine.runtime.engine import Engine
from engine.runtime.store import Store

SOURCE = "link"
# Nobody reads so soon after a message was handed over (ms): it is a gateway that looks where the links lead.
TOO_SOON = 5_000


@dataclass(frozen=True, slots=True)
class Followed:
    """A link that leads to `address` ('' when that is not known any more), and the message it was in."""

    message: str
    address: str


def follow(store: Store, signing: LinkSigner, token: str) -> Followed:
    """What a token of /c/ leads to. Raises BadLink. Asks the store only for a short one."""
    if len(token) != SHORT_TOKEN:
        link = signing.read(token, Click)
        return Followed(link.message, _safe(link.address))
    message, number = signing.read_number(token)
    kept = store.redis.hget(keys.message(shard_of_message(message), message), "links")
    links = kept.decode().split("\n") if kept is not None else []
    return Followed(message, _safe(links[number]) if number < len(links) else "")


def opened(signing: LinkSigner, token: str) -> str:
    """The message of a token of /o/. Raises BadLink."""
    return signing.read(token, Opening).message


def learn(engine: Engine, message: str, link: str | None = None) -> bool:
    """Keep that a message was opened, or a link of it followed: once each, as an event of its customer.

    False when nothing is kept: it came too soon for a person, or the policies or the consent do not allow it (any
    more), or nobody knows whose it was.
    """
    store, plan = engine.store, engine.running().plan
    if plan.policies.tracking is None:
        return False
    found = store.redis.hmget(keys.message(shard_of_message(message), message), ["profile", "channel", "address", "at"])
    if None in found:
        return False
    profile, channel, address, at = (value.decode() for value in found)
    home = store.shards.home(profile)
    blob, facts = store.shards.profiles([home]).get(home), plan.channels.get(channel)
    now = store.clock().engine
    if blob is None or facts is None or now - int(at) < TOO_SOON:
        return False
    place = (channel, facts.normalise(address) or address)
    said, _ = store.addresses.ask([place], [], now)
    clicks, opens = tracked(read_profile(blob), facts, plan.policies, said[place])
    if not (clicks if link is not None else opens):
        return False
    happened, name = ("clicked", link) if link is not None else ("opened", "opened")
    engine.receipts([Receipt(SOURCE, name, happened, message, link=link or "")])  # type: ignore[arg-type]
    return True


def _safe(address: str) -> str:
    """What a browser may be sent to."""
    if not address.startswith(("http://", "https://")):
        raise BadLink("it leads nowhere on the web")
    return address
