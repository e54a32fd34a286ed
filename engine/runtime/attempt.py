"""An attempt to send: its end that is still to be written, and what is kept of it for thirty days."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import msgspec

from engine.journey.walk import Walk
from engine.journey.wording import Render
from engine.model.message import Outgoing, Rendered, SendOutcome
from engine.model.profile import Profile
from engine.model.record import Row
from engine.runtime.blob import pack
from engine.runtime.commit import Claim, Commit
from engine.runtime.compression import compressed

REACHED = "reached"  # a field of the message's hash: on some channel it has, or may have, reached the customer


def begun(outgoing: Outgoing, provider: str) -> dict[str, str]:
    """Fields of the message's hash when it begins to leave to a provider."""
    return {
        "profile": outgoing.profile,
        "journey": outgoing.journey,
        "message": outgoing.message,
        "channel": outgoing.channel,
        "address": outgoing.address,
        "purpose": outgoing.purpose,
        "attempt": outgoing.attempt_id,
        "provider": provider,
        "at": str(outgoing.at),
        "outcome": "sending",
        **({"links": "\n".join(outgoing.rendered.links)} if outgoing.rendered.links else {}),
    }


def ended(outcome: SendOutcome) -> dict[str, str]:
    """Fields of the message's hash when the provider has answered."""
    reached = {REACHED: "1"} if outcome.kind in ("accepted", "unknown") else {}
    return {"outcome": outcome.kind, "reason": outcome.reason, "provider_id": outcome.provider_id, **reached}


def copy_of(outgoing: Outgoing) -> bytes:
    """The rendered message, compressed."""
    return compressed(pack(outgoing.rendered))


def read_copy(kept: Mapping[str, bytes]) -> Rendered | None:
    """The rendered message of a hash; None when it holds none."""
    packed = kept.get("copy")
    return msgspec.msgpack.decode(zlib.decompress(packed), type=Rendered) if packed else None


def as_kept(kept: Mapping[str, bytes], render: Render) -> Render:
    """A renderer that gives what was rendered for this attempt: one id never stands for two different texts."""
    rendered = read_copy(kept)
    if rendered is None:
        return render
    return lambda message, channel, locale, roots: (
        rendered if channel == rendered.channel else render(message, channel, locale, roots)
    )


def has_others(profile: Profile, claim: Claim) -> bool:
    """Whether the message has another channel to try."""
    message = profile.messages.get(claim.message)
    return message is not None and any(name not in message.tried for name in message.via if name != claim.channel)


def failed_before(profile: Profile, claim: Claim) -> bool:
    """Whether an earlier attempt of the message came to nothing, or to nothing that is known."""
    message = profile.messages.get(claim.message)
    return message is not None and (message.attempt > 1 or message.unsure)


class End:
    """An attempt whose provider has answered and whose end is not written yet."""

    __slots__ = ("claim", "commit", "outcome", "profile", "repeated")

    def __init__(self, claim: Claim, outcome: SendOutcome, profile: Profile, repeated: bool) -> None:
        self.claim, self.outcome, self.profile, self.repeated = claim, outcome, profile, repeated
        self.commit: Commit | None = None


def elsewhere(claim: Claim, channel: str, now: int) -> Commit:
    """The row belongs into another channel's outbox, where it may already be."""
    row = Row(channel, claim.klass, claim.message, now)
    return Commit(profile=claim.profile, at=now, rows=[row], drop=[claim])


def commit_of(walk: Walk, claim: Claim, given: Any) -> Commit:
    """What a decision about a claimed message changes, and what was decided about."""
    commit = Commit(
        profile=claim.profile,
        at=walk.now,
        plan=walk.plan.fingerprint,
        about=claim.message,
        rows=walk.rows,
        records=walk.records,
        story=walk.story,
        said=walk.said,
        tried=walk.tried,
        flows=walk.flows,
        inputs=[given],
        flags=walk.flags,
    )
    commit.write(walk.profile)
    return commit
