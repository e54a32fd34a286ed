"""A customer's story as a page tells it: the newest day first, each day as it went, a page of lines at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engine.console.people.signs import shows, sign_of
from engine.console.plain import calm, value
from engine.policy.wallclock import iso, to_local
from engine.runtime.explain import Line, Story
from engine.runtime.telling import clock, properties, reason, sentence
from engine.runtime.voice import N_, Voice

MOST = 50  # lines of a page
LATE = 60_000  # ms after which it is told that an event happened before it was heard of
LONGEST = 600  # characters of one sentence
ENVELOPE = ("event", "channel", "at")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `key` tells it from all others of the story; `text` is what `explain` says; `why` is the rule's word
    and what was observed.

    `place` is file:line and `quote` what stands there; `facts` are (name, value) for whoever wants to know more;
    `copy` is the id of a message of which a rendered copy is kept; `caused`: a journey did it, for the event above.
    """

    key: str
    time: str
    instant: str
    icon: str
    badge: str
    tone: str
    text: str
    said: str = ""
    late: str = ""
    journey: str = ""
    why: str = ""
    place: str = ""
    quote: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    copy: str = ""
    caused: bool = False
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the customer's own calendar. `near` is 'Today' or 'Yesterday', else ''."""

    title: str
    near: str
    date: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """A page of a story. `older` is what asks for the next one ('' when this is the last); `count` the lines that
    fit the filters, `all` those that there are."""

    days: tuple[Day, ...]
    older: str
    count: int
    all: int


def past(
    story: Story,
    voice: Voice,
    *,
    kind: str = "all",
    journey: str = "",
    before: str = "",
    copies: frozenset[str] = frozenset(),
) -> Past:
    """The lines of `story` that fit `kind` (see SHOWS) and `journey`, from where `before` (an `older`) says."""
    fits = [line for line in story.lines if shows(kind, line.told) and journey in ("", line.told.journey)]
    end = _end(fits, before)
    first = max(0, end - MOST)
    page = fits[first:end]
    older = ""
    if first:
        at = fits[first].told.at
        older = f"{at}.{sum(1 for line in fits[first:] if line.told.at == at)}"
    today = to_local(story.now, story.zone).date()
    days: dict[date, list[Line]] = {}
    for line in page:
        days.setdefault(to_local(line.told.at, story.zone).date(), []).append(line)
    made = [_day(story, voice, day, lines, today, copies) for day, lines in reversed(days.items())]
    return Past(tuple(made), older, len(fits), len(story.lines))


def _end(lines: Sequence[Line], before: str) -> int:
    """Where a page ends that goes on from `before` ('instant.lines of it that were shown'): from the end for none."""
    at, _, shown = before.partition(".")
    if not (at.isascii() and at.isdigit() and shown.isascii() and shown.isdigit() and len(before) < 40):
        return len(lines)
    upto = sum(1 for line in lines if line.told.at <= int(at))
    here = sum(1 for line in lines if line.told.at == int(at))
    return max(0, upto - min(int(shown), here))


def _day(story: Story, voice: Voice, day: date, lines: Sequence[Line], today: date, copies: frozenset[str]) -> Day:
    near = {today: N_("Today"), today - timedelta(days=1): N_("Yesterday")}.get(day, "")
    title = voice.day(to_local(lines[0].told.at, story.zone))
    entries: list[Entry] = []
    for line in lines:
        nth = sum(1 for each in entries if each.key.startswith(f"{line.told.at}-"))
        entries.append(_entry(story, voice, line, copies, f"{line.told.at}-{nth}"))
    return Day(title, voice.say(near) if near else "", day.isoformat(), tuple(entries))


def _entry(story: Story, voice: Voice, line: Line, copies: frozenset[str], key: str) -> Entry:
    told, sign = line.told, sign_of(line.told)
    local = to_local(told.at, story.zone)
    late = ""
    if told.kind == "event" and told.until is not None and told.at - told.until >= LATE:
        late = voice.say(N_("happened {time}")).format(time=clock(told.until, story.zone, told.at, voice))
    return Entry(
        key=key,
        time=f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}",
        instant=iso(told.at),
        icon=sign.icon,
        badge=voice.say(sign.badge) if sign.badge else "",
        tone=sign.tone,
        text=calm(sentence(told, story.zone, voice), LONGEST),
        said=calm(properties(line.properties, voice), LONGEST) if told.kind == "event" else "",
        late=late,
        journey=calm(told.journey, 100),
        why=calm(reason(told.reason, story.zone, told.at, voice), LONGEST) if told.reason else "",
        place=calm(told.place, 200),
        quote=line.quote,
        facts=_facts(voice, line),
        copy=told.id if told.id in copies else "",
        caused=told.kind != "event",
        quiet=line.quiet,
    )


def _facts(voice: Voice, line: Line) -> tuple[tuple[str, str], ...]:
    told = line.told
    facts = [
        (N_("When"), iso(told.at)),
        (N_("Rule"), voice.read(told.reason.partition(": ")[0])),
        (N_("Observed"), voice.read(told.reason.partition(": ")[2])),
        (N_("Channel"), told.channel),
        (N_("Key"), told.key),
        (N_("Version"), told.version),
        (N_("Event") if told.kind == "event" else N_("Message id"), told.id),
    ]
    own = [(name, given) for name, given in line.properties.items() if name not in ENVELOPE]
    shown = [(voice.say(name), calm(text)) for name, text in facts if text]
    return (*shown, *((calm(name, 100), value(given)) for name, given in own[:50]))
