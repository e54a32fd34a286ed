"""What a customer chooses on our pages, by the link of a message: seen by everybody who has it, so it must be safe.

A choice concerns the address. A denial holds when `choose` returns: the address has heard of it, and each shard's
block stands. The link of an old message, or of an address that its customer has left, can only deny.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType

from engine.channels.signed_link import Unsubscribe
from engine.journey.blocks import blocks_of, said_of
from engine.model.address import UNHEARD_OF, Heard, Said, Standing
from engine.model.event import Event
from engine.model.ids import shard_of_message, token
from engine.model.plan import Plan
from engine.model.profile import Consent, Profile
from engine.model.span import DAY
from engine.runtime.attempt import read_copy
from engine.runtime.blob import Arrival, read_profile
from engine.runtime.engine import Engine
from engine.runtime.own_links import refusable
from engine.runtime.relay import append_home, event_append

MAY_GRANT = 30 * DAY  # how long the link of a message may say yes as well as no
_OURS = "page-"  # how the ids of our events begin
Cell = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Choice:
    """How one channel and purpose stand: granted, denied or unknown, since `at` (epoch ms; 0: never said).

    `mark` names the very statements behind it: another one has another mark. `by` is the event of ours that said so
    and that the customer's profile does not know of yet, '' for none.
    """

    channel: str
    purpose: str
    address: str
    state: str
    at: int
    mark: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """All that the holder of a link may see. `profile` is '' when nobody is known (any more), `locale` '' likewise;
    `may_grant` says whether the link can also say yes."""

    link: Unsubscribe
    profile: str
    locale: str
    may_grant: bool
    cells: Mapping[Cell, Choice]

    def mark(self) -> str:
        """Names how everything stands: what was shown with another mark is out of date."""
        return sha256("|".join(each.mark for each in self.cells.values()).encode()).hexdigest()[:16]

    def asked(self) -> list[Choice]:
        """What an unsubscribe by this link ends: its purpose, or all of its channel when there is no such purpose."""
        mine = [each for each in self.cells.values() if each.channel == self.link.channel]
        return [each for each in mine if each.purpose == self.link.purpose] or mine


def look(engine: Engine, link: Unsubscribe) -> Choices:
    """How things stand for the holder of a link, what is still in an inbox included as far as pages said it."""
    store, plan, now = engine.store, engine.running().plan, engine.store.clock().engine
    home = store.shards.home(link.profile)
    blob = store.shards.profiles([home]).get(home)
    profile = read_profile(blob) if blob is not None else None
    kept = store.shards.message(link.message, shard_of_message(link.message))
    fresh = "at" in kept and now - int(kept["at"]) <= MAY_GRANT
    addresses = dict(_addresses(plan, profile, link))
    standings, _ = store.addresses.ask([(name, spelled) for name, (_, spelled) in addresses.items()], [], now)
    cells = {
        (channel, purpose): _choice(channel, purpose, shown, profile, standings.get((channel, spelled), UNHEARD_OF))
        for channel, (shown, spelled) in addresses.items()
        for purpose in refusable(plan)
    }
    copy = read_copy(kept)
    own = str(profile.attributes.get("locale") or "") if profile is not None else ""
    return Choices(
        link=link,
        profile=profile.id if profile is not None else "",
        locale=copy.locale if copy is not None else own,
        may_grant=fresh and profile is not None and _still_theirs(plan, profile, link),
        cells=cells,
    )


def choose(
    engine: Engine,
    choices: Choices,
    wanted: Mapping[Cell, bool],
    source: str,
    wording: Mapping[Cell, str] = MappingProxyType({}),
) -> list[Choice]:
    """Deny or (where the link may) grant; those that changed. Doing the same again changes nothing.

    `source` says where it was said; `wording`, by cell, what the customer agreed to, which is kept as the proof.
    """
    plan, now = engine.running().plan, engine.store.clock().engine
    changed, events = [], []
    for cell, yes in wanted.items():
        choice = choices.cells.get(cell)
        if choice is None or (yes and not choices.may_grant):
            continue
        if choice.state != ("granted" if yes else "denied"):
            changed.append(choice)
            # the newest word counts, so it is newer than what it answers
            id_, at = _named(choices.link, choice, yes), max(now, choice.at + 1)
        elif choice.by:  # said before, and perhaps cut off half-way: under its id it is done once
            id_, at = choice.by, choice.at
        else:
            continue
        events.append(_event(choices.link, choice, yes, source, wording.get(cell, ""), id_, at))
    store = engine.store
    store.addresses.hear(_said(plan, events))
    if choices.profile and events:
        arrivals = [(Arrival(choices.profile, "", each), each.id, blocks_of(each)) for each in events]
        append_home(store, engine.bells, [event_append(*each) for each in arrivals])
    return changed


def _said(plan: Plan, events: Iterable[Event]) -> Iterable[Said]:
    """What the events say of addresses, also that somebody agrees: else a page would show the older word."""
    for event in events:
        said = said_of(plan, event)
        if said is None and event.properties.get("state") == "granted":
            given = event.properties
            spelled = plan.channels[given["channel"]].normalise(given["address"])
            if spelled is not None:
                said = Said(given["channel"], spelled, given["purpose"], "granted", event.at, event.id)
        if said is not None:
            yield said


def _named(link: Unsubscribe, choice: Choice, yes: bool) -> str:
    """The id of an event: the same answer to the same state of things is one event."""
    return _OURS + token(link.message, choice.channel, choice.purpose, str(yes), choice.mark)


def _event(link: Unsubscribe, choice: Choice, yes: bool, source: str, wording: str, id_: str, at: int) -> Event:
    given = {"channel": choice.channel, "purpose": choice.purpose, "address": choice.address, "source": source}
    if wording:
        name, given = "consent_changed", {**given, "state": "granted" if yes else "denied", "wording": wording}
    else:
        name, given = "unsubscribed", {**given, "message": link.message}
    return Event(id=id_, name=name, profile={}, at=at, received=at, channel="web", properties=given)


def _addresses(plan: Plan, profile: Profile | None, link: Unsubscribe) -> Iterable[tuple[str, tuple[str, str]]]:
    """Channel -> the address as it is known, and its one spelling: the link's own, and those of its customer."""
    for facts in plan.channels.values():
        own = profile.attributes.get(facts.address) if profile is not None else None
        address = link.address if facts.name == link.channel else own
        spelled = facts.normalise(address)
        if spelled is not None and not facts.shared:
            yield facts.name, (str(address), spelled)


def _still_theirs(plan: Plan, profile: Profile, link: Unsubscribe) -> bool:
    facts = plan.channels.get(link.channel)
    spelled = facts.normalise(link.address) if facts is not None else None
    return (
        facts is not None and spelled is not None and spelled == facts.normalise(profile.attributes.get(facts.address))
    )


def _choice(channel: str, purpose: str, address: str, profile: Profile | None, standing: Standing) -> Choice:
    consent = profile.consent.get(f"{channel}/{purpose}") if profile is not None else None
    heard = standing.said.get(purpose)
    words = f"{consent.state} {consent.at}" if consent is not None else ""
    mark = f"{words};{heard.state} {heard.at} {heard.by}" if heard is not None else words
    state, at, by = _newest(consent, heard)
    return Choice(channel, purpose, address, state, at, mark, by)


def _newest(consent: Consent | None, heard: Heard | None) -> tuple[str, int, str]:
    """State, instant, and our event (see Choice). Another customer of the address agrees for himself only."""
    counts = heard is not None and (heard.state == "denied" or heard.by.startswith(_OURS))
    if heard is not None and counts and (consent is None or consent.at <= heard.at):
        unread = heard.by.startswith(_OURS) and (consent is None or consent.at < heard.at)
        return heard.state, heard.at, heard.by if unread else ""
    return (consent.state, consent.at, "") if consent is not None else ("unknown", 0, "")
