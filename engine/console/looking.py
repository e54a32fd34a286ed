"""Looking at people: only with a key that may read, and never without an entry in the audit."""

from __future__ import annotations

from engine.api.problem import Refused
from engine.console.page import Ask
from engine.model.errors import UnknownProfile
from engine.model.ids import token
from engine.runtime import keys
from engine.runtime.audit import note
from engine.runtime.voice import N_, Voice

LASTS = 3600  # seconds in which looking again at the same person is one look
NOT_WITH_IT = N_(
    "People are shown to keys that may read. Yours may do other things: ask for one with the scope 'read'."
)


def voice(ask: Ask) -> Voice:
    """The language of whoever looks."""
    return Voice(ask.gettext, ask.locale)


def may_see_people(ask: Ask) -> bool:
    """Whether personal data is shown: as over HTTP, where reading takes the scope `read`."""
    return bool({"read", "admin"} & ask.scopes)


def seeing_people(ask: Ask) -> None:
    """Raises Refused 403 for a session that may not see people."""
    if not may_see_people(ask):
        raise Refused(403, "Not with this key", ask.gettext(NOT_WITH_IT))


def looked(ask: Ask, profile: str) -> None:
    """Keep in the audit that this person was looked at, by whom: of the person a hash, as when one is erased."""
    name = token("looked", ask.session.who, profile)
    if ask.store.redis.set(keys.looked(name), "1", nx=True, ex=LASTS):
        note(ask.store, ask.now, "look", ask.session.who, customer=token("audit", profile))


def refused(ask: Ask, what: str, why: str, **details: str) -> None:
    """Keep in the audit that somebody tried what they may not do, or what could not be done: once an hour each."""
    name = token("refused", ask.session.who, what, *details.values())
    if ask.store.redis.set(keys.looked(name), "1", nx=True, ex=LASTS):
        note(ask.store, ask.now, "refused", ask.session.who, tried=what, why=why, **details)


def nobody(ask: Ask, fault: UnknownProfile) -> Refused:
    """What is said where there is nobody."""
    return ask.missing(fault.words)
