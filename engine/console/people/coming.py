"""What is planned for a customer, what could still stop it, and what is on the table for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.console.plain import calm
from engine.journey.outlook import Planned, Stopper
from engine.policy.wallclock import iso
from engine.runtime.explain import Story
from engine.runtime.foretelling import coming, hinders
from engine.runtime.telling import clock
from engine.runtime.voice import N_, Voice

MOST = 25  # planned things that are shown
_ICONS = {"message": "hold", "step": "clock", "start": "start", "schedule": "clock"}
_OUTCOMES = {
    "shown": N_("shown"),
    "accepted": N_("accepted"),
    "declined": N_("declined"),
    "not_relevant": N_("not relevant"),
    "no_time": N_("no time"),
    "ignored": N_("ignored"),
}


@dataclass(frozen=True, slots=True)
class Stop:
    """Something that could stop it, in the words of `explain`; `now`: it would stop it as things are."""

    text: str
    now: bool
    place: str
    quote: str


@dataclass(frozen=True, slots=True)
class Next:
    """One planned thing. `at` is epoch ms (None: it waits for an event or for its turn), `when` the same in words."""

    at: int | None
    when: str
    instant: str
    icon: str
    journey: str
    key: str
    text: str
    place: str
    quote: str
    stops: tuple[Stop, ...]

    @property
    def stopped(self) -> bool:
        """Whether something would stop it as things are."""
        return any(each.now for each in self.stops)


@dataclass(frozen=True, slots=True)
class OnTable:
    """An action that a journey has put on the table or keeps `off` it, until an instant."""

    action: str
    off: bool
    placements: tuple[str, ...]
    until: str
    journey: str
    boost: float


@dataclass(frozen=True, slots=True)
class Offered:
    """An action that was shown: what became of it, the newest last; `stays` until when it is the answer, or ''."""

    action: str
    said: tuple[tuple[str, str], ...]
    stays: str


def planned(story: Story, voice: Voice) -> list[Next]:
    """Everything that is planned, soonest first."""
    return [_next(story, voice, each) for each in story.planned[:MOST]]


def _next(story: Story, voice: Voice, each: Planned) -> Next:
    def stop(stopper: Stopper) -> Stop:
        place = str(stopper.place) if stopper.place.line else ""
        quote = story.quotes.line(place, story.plan, each.journey, each.version)
        return Stop(calm(hinders(stopper, story.zone, story.now, voice), 600), stopper.holds, place, quote)

    place = str(each.place) if each.place.line else ""
    return Next(
        at=each.at,
        when=clock(each.at, story.zone, story.now, voice) if each.at is not None else "",
        instant=iso(each.at) if each.at is not None else "",
        icon=_ICONS.get(each.what, "clock"),
        journey=each.journey,
        key=calm(each.key, 100),
        text=calm(coming(each, voice), 600),
        place=place,
        quote=story.quotes.line(place, story.plan, each.journey, each.version),
        # what stops it now is read first
        stops=tuple(sorted(map(stop, each.stoppers), key=lambda one: not one.now)),
    )


def on_the_table(story: Story, voice: Voice) -> list[OnTable]:
    """What journeys have put on the table for the customer, and what they keep off it, as long as it lasts."""
    return list(_on_the_table(story, voice))


def _on_the_table(story: Story, voice: Voice) -> Iterator[OnTable]:
    for off, many in ((False, story.profile.suggestions), (True, story.profile.silenced)):
        for each in many:
            if each.until > story.now:
                until = clock(each.until, story.zone, story.now, voice)
                yield OnTable(each.action, off, tuple(each.placements), until, each.journey, each.boost)


def offered(story: Story, voice: Voice) -> list[Offered]:
    """What was shown to the customer, and what became of it; the newest first."""
    found = []
    for name, offer in sorted(story.profile.offers.items(), key=lambda each: -max(each[1].said.values(), default=0)):
        said = sorted(offer.said.items(), key=lambda each: each[1])
        words = tuple(
            (voice.say(_OUTCOMES.get(word, word)), clock(at, story.zone, story.now, voice)) for word, at in said
        )
        stays = clock(offer.until, story.zone, story.now, voice) if offer.until > story.now else ""
        found.append(Offered(name, words, stays))
    return found
