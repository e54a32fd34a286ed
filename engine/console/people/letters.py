"""What really went to a customer, as it looked: the kept copies of their messages."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.console.plain import calm
from engine.model.ids import shard_of_message
from engine.model.profile import Profile
from engine.runtime.attempt import read_copy
from engine.runtime.engine import Engine
from engine.runtime.telling import clock
from engine.runtime.voice import N_, Voice

MOST = 24  # messages of one page
LONGEST = 20_000  # characters of a part that is shown as text
_OUTCOMES = {
    "accepted": (N_("Sent"), "good"),
    "sending": (N_("Leaving"), "warn"),
    "unknown": (N_("Unsure"), "bad"),
    "retry": (N_("Trying again"), "warn"),
    "refused": (N_("Not sent"), "bad"),
}
_REPORTS = {
    "delivered": N_("arrived"),
    "opened": N_("opened"),
    "clicked": N_("clicked"),
    "bounced": N_("came back"),
    "complained": N_("marked as unwanted"),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that was handed to a provider. `parts` is its text as it was rendered, without the HTML, which is
    shown in a frame of its own when `html`; `heard` is what was reported of it since, `reason` a provider's words."""

    id: str
    message: str
    journey: str
    channel: str
    address: str
    when: str
    state: str
    tone: str
    provider: str
    attempt: str
    reason: str
    heard: str
    locale: str
    html: bool
    parts: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What one reads of it first."""
        return next((self.parts[name] for name in ("subject", "title", "text") if self.parts.get(name)), "")[:120]


def kept(engine: Engine, profile: Profile) -> list[str]:
    """The ids of the messages of which a copy is kept, the newest first."""
    store = engine.store
    return store.shards.copies(profile.id, *profile.absorbed, since=store.clock().server)[::-1]


def letter(engine: Engine, name: str, voice: Voice, zone: str) -> Letter | None:
    """One message; None when nothing is kept of it."""
    fields = _fields(engine, name)
    return _letter(name, fields, voice, zone) if fields else None


def _fields(engine: Engine, name: str) -> dict[str, bytes]:
    try:
        return engine.store.shards.message(name, shard_of_message(name))
    except ValueError:
        return {}


def _letter(name: str, fields: dict[str, bytes], voice: Voice, zone: str) -> Letter:
    copy = read_copy(fields)
    said = {key: calm(value.decode("utf-8", "replace")) for key, value in fields.items() if key != "copy"}
    word, tone = _OUTCOMES.get(said.get("outcome", ""), (said.get("outcome", ""), "plain"))
    parts = dict(copy.parts) if copy is not None else {}
    at = said.get("at", "")
    report = said.get("report", "")
    return Letter(
        id=name,
        message=said.get("message", ""),
        journey=said.get("journey", ""),
        channel=said.get("channel", "") or (copy.channel if copy is not None else ""),
        address=said.get("address", ""),
        when=clock(int(at), zone, voice=voice) if at.isdigit() else "",
        state=voice.say(word) if word else "",
        tone=tone,
        provider=said.get("provider", ""),
        attempt=said.get("attempt", ""),
        reason=said.get("reason", ""),
        heard=voice.say(_REPORTS[report]) if report in _REPORTS else report,
        locale=copy.locale if copy is not None else "",
        html="html" in parts,
        parts={key: calm(text, LONGEST) for key, text in parts.items() if key != "html"},
    )


def html_of(engine: Engine, name: str) -> str | None:
    """The HTML of a message as it was sent; None when no copy is kept, or the message has none."""
    copy = read_copy(_fields(engine, name))
    return copy.parts.get("html") if copy is not None else None
