"""What customers write back: a STOP withdraws at once, whoever has the number; other words are an event."""

from __future__ import annotations

from collections.abc import Sequence

from engine.channels.receipts.words import plain
from engine.model.address import Said
from engine.model.event import REPLIED, Event
from engine.model.ids import token
from engine.model.plan import Plan
from engine.model.receipt import Word
from engine.runtime.bells import Bells
from engine.runtime.ingest import accept
from engine.runtime.receipts import first_heard
from engine.runtime.store import Store


def take_words(store: Store, plan: Plan, words: Sequence[Word], bells: Bells) -> None:
    """Take each in, once. What is withdrawn holds for the address when this returns; an event tells the customer
    who is known by it, if any is: nobody becomes a customer by writing to us."""
    now = store.clock().engine
    names = [token("word", each.source, each.id) for each in words]
    at_of = first_heard(store, names, now)
    for word, name in zip(words, names, strict=True):
        facts = plan.channels.get(word.channel)
        if facts is None or word.means == "help":
            continue
        who = (facts.address, word.address)
        known = facts.address in plan.vocabulary.identifiers and bool(store.known([who]))
        if not word.means:
            if known:
                accept(store, plan, [_reply(word, facts.address, at_of[name])], bells)
            continue
        purposes = [each.name for each in plan.policies.purposes.values() if not each.transactional]
        state = "denied" if word.means == "stop" else "granted"
        if state == "granted":  # what was withdrawn comes back, and nothing that was never given
            place = (word.channel, word.address)
            standing = store.addresses.ask([place], [], 0)[0][place]
            purposes = [each for each in purposes if each in standing.said and standing.said[each].state == "denied"]
        events = [_event(word, facts.address, purpose, state, at_of[name]) for purpose in purposes]
        if known:
            accept(store, plan, events, bells)
        store.addresses.hear(
            Said(word.channel, word.address, purpose, state, event.at, event.id)
            for purpose, event in zip(purposes, events, strict=True)
        )


def _reply(word: Word, identifier: str, at: int) -> Event:
    """What the customer wrote, as an event that journeys can wait for."""
    return Event(
        id=token("word", word.source, word.id, REPLIED),
        name=REPLIED,
        profile={identifier: word.address},
        at=at,
        received=at,
        channel=word.channel,
        properties={"channel": word.channel, "text": word.text, "plain": plain(word.text)},
    )


def _event(word: Word, identifier: str, purpose: str, state: str, at: int) -> Event:
    given = {
        "channel": word.channel,
        "purpose": purpose,
        "address": word.address,
        "source": f"{word.source} {word.means}",
    }
    if state == "granted":
        given["state"] = state
    return Event(
        id=token("word", word.source, word.id, purpose),
        name="unsubscribed" if state == "denied" else "consent_changed",
        profile={identifier: word.address},
        at=at,
        received=at,
        channel=word.channel,
        properties=given,
    )


def answer(plan: Plan, words: Sequence[Word]) -> str:
    """What is written back to whoever asked for help: who we are, and how to stop it. '' for nothing."""
    asked = [word for word in words if word.means == "help" and not word.answered]
    if not asked:
        return ""
    brand = plan.brand
    legal = (brand.get("legal") or {}).get("sms") or {}
    locale = asked[0].locale if asked[0].locale in legal else str(brand.get("locale", "en"))
    home = str((brand.get("links") or {}).get("home", ""))
    parts = [str(brand.get("name", "")), home if "{" not in home else "", legal.get(locale, "")]
    return ". ".join(part.rstrip(". ") for part in parts if part)
