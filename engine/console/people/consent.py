"""What a customer agreed to, channel by channel, with the proof: what the gate goes by, and every word there was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.console.plain import calm
from engine.model.address import UNHEARD_OF, Standing
from engine.model.plan import ChannelFacts, Plan
from engine.model.policy import Purpose
from engine.model.profile import Profile
from engine.policy.consent import refused_by_consent, unreachable
from engine.policy.wallclock import iso
from engine.runtime.telling import clock, observed
from engine.runtime.voice import N_, Voice

Places = Mapping[tuple[str, str], Standing]
MOST_WORDS = 20  # of a channel and purpose, the newest
_SAID = {
    "granted": N_("Granted"),
    "denied": N_("Denied"),
    "unknown": N_("Unknown"),
    "exempt": N_("Not needed"),
}
_EVENTS = ("consent_changed", "unsubscribed", "complained")


@dataclass(frozen=True, slots=True)
class Word:
    """One statement, as it came in: when, what, from where, and the event that brought it."""

    when: str
    instant: str
    state: str
    tone: str
    source: str
    wording: str
    event: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A channel and a purpose. `state` is granted, denied, unknown or exempt, `said` its word; `may`: a message could
    leave by what is known here; `why` says why not, in the gate's words; `words` are the proof, the newest first."""

    channel: str
    purpose: str
    state: str
    said: str
    may: bool
    why: str = ""
    since: str = ""
    source: str = ""
    wording: str = ""
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A channel, its address ('' when none is known), whether it can be reached (else `why`), a cell a purpose."""

    channel: str
    address: str
    reached: bool
    why: str
    cells: tuple[Cell, ...]


def addresses(profile: Profile, plan: Plan) -> list[tuple[str, str]]:
    """(channel, address) of the customer's own addresses: what is said of these counts as well."""
    found = ((each.name, profile.attributes.get(each.address)) for each in plan.channels.values() if not each.shared)
    return [(channel, address) for channel, address in found if isinstance(address, str) and address]


def consents(profile: Profile, plan: Plan, places: Places, voice: Voice, zone: str, now: int) -> list[Row]:
    """A row for each channel. `places` is what is known of the customer's `addresses`."""
    purposes = list(plan.policies.purposes.values())
    rows = []
    for channel in plan.channels.values():
        address = profile.attributes.get(channel.address)
        address = address if isinstance(address, str) else ""
        standing = places.get((channel.name, address), UNHEARD_OF)
        gone = unreachable(profile, channel, standing)
        cells = tuple(_cell(profile, channel, each, standing, voice, zone, now) for each in purposes)
        rows.append(
            Row(channel.name, calm(address, 100), gone is None, calm(voice.read(gone.observed)) if gone else "", cells)
        )
    return rows


def _cell(
    profile: Profile, channel: ChannelFacts, purpose: Purpose, standing: Standing, voice: Voice, zone: str, now: int
) -> Cell:
    consent = profile.consent.get(f"{channel.name}/{purpose.name}")
    refused = refused_by_consent(profile, channel, purpose, standing)
    state = consent.state if consent is not None else "unknown"
    if purpose.transactional and consent is None:
        state = "exempt"
    elif refused is not None and state == "granted":
        state = "denied"  # by somebody else who has the address
    return Cell(
        channel=channel.name,
        purpose=purpose.name,
        state=state,
        said=voice.say(_SAID.get(state, state)),
        may=refused is None,
        why=calm(observed(refused.observed, zone, now, voice)) if refused is not None else "",
        since=clock(consent.at, zone, voice=voice) if consent is not None else "",
        source=calm(consent.source) if consent is not None else "",
        wording=calm(consent.wording, 2_000) if consent is not None else "",
        words=tuple(_words(profile, channel.name, purpose.name, voice, zone))[:MOST_WORDS],
    )


def _words(profile: Profile, channel: str, purpose: str, voice: Voice, zone: str) -> Iterator[Word]:
    said = [(past.at, name, past) for name in _EVENTS for past in profile.history.get(name, ())]
    for at, name, past in sorted(said, key=lambda each: each[0], reverse=True):
        data = past.data
        about = (data.get("channel") in (None, channel), data.get("purpose") in (None, purpose))
        if not all(about):
            continue
        state = str(data.get("state", "denied")) if name == "consent_changed" else "denied"
        yield Word(
            when=clock(at, zone, voice=voice),
            instant=iso(at),
            state=voice.say(_SAID.get(state, state)),
            tone="good" if state == "granted" else "bad",
            source=calm(str(data.get("source") or name)),
            wording=calm(str(data.get("wording") or ""), 2_000),
            event=calm(past.id, 100),
        )
