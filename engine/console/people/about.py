"""Who a person is, in a few lines: what is known of them, where they stand, and what one must know first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.console.people.coming import Next
from engine.console.people.consent import Row
from engine.console.plain import calm, value
from engine.model.plan import Plan
from engine.policy.wallclock import to_local
from engine.runtime.explain import Story
from engine.runtime.telling import clock
from engine.runtime.voice import N_, Voice

MOST = 200  # attributes, segments, identifiers


@dataclass(frozen=True, slots=True)
class Stands:
    """A journey that the customer is in: the step it stands at, and since when."""

    journey: str
    key: str
    step: str
    since: str
    held_out: bool


@dataclass(frozen=True, slots=True)
class Headline:
    """What one must know first, as a sentence and the tone of it."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Person:
    """`name` is what they are called here: a name that is known, else their first identifier."""

    id: str
    name: str
    label: str
    initials: str
    zone: str
    local: str
    identifiers: tuple[tuple[str, str], ...]
    attributes: tuple[tuple[str, str], ...]
    segments: tuple[tuple[str, str], ...]
    objects: tuple[tuple[str, str, str], ...]
    journeys: tuple[Stands, ...]
    merged: int
    seen: str
    headlines: tuple[Headline, ...]


def person(story: Story, plan: Plan, rows: list[Row], coming: list[Next], voice: Voice) -> Person:
    """The head of a person's page."""
    profile, zone, now = story.profile, story.zone, story.now
    own = profile.attributes
    known = {name: own[name] for name in ("first_name", "last_name", "name") if isinstance(own.get(name), str)}
    name = calm(" ".join(str(each).strip() for each in known.values())[:80].strip() or profile.label, 80)
    identifiers = tuple(
        (kind, calm(each, 100)) for kind, many in profile.identifiers.items() for each in many[:20] if each
    ) or tuple((kind, calm(each, 100)) for kind, each in story.known.items())
    named = {kind for kind, _ in identifiers}
    return Person(
        id=profile.id,
        name=name,
        label=calm(profile.label, 100),
        initials="".join(part[0] for part in name.partition(":")[2].split() or name.split())[:2].upper(),
        zone=zone,
        local=f"{to_local(now, zone):%H:%M}",
        identifiers=identifiers[:MOST],
        attributes=tuple(
            (calm(kind, 60), value(each))
            for kind, each in sorted(own.items())
            if kind not in named and each is not None
        )[:MOST],
        segments=tuple((kind, clock(at, zone, now, voice)) for kind, at in sorted(profile.segments.items()))[:MOST],
        objects=tuple(
            (kind, calm(key, 60), value({n: v for n, v in thing.data.items() if v is not None}))
            for kind, many in sorted(profile.objects.items())
            for key, thing in sorted(many.items(), key=lambda each: -each[1].stamp.at)[:10]
            if not thing.ended
        ),
        journeys=tuple(
            Stands(
                run.journey,
                calm(run.key, 60),
                run.step,
                clock(run.since or run.started, zone, now, voice),
                bool(run.held_out),
            )
            for run in profile.enrolments.values()
        ),
        merged=len(profile.absorbed),
        seen=clock(profile.seen, zone, now, voice) if profile.seen else "",
        headlines=tuple(_headlines(story, plan, rows, coming, voice)),
    )


def _headlines(story: Story, plan: Plan, rows: list[Row], coming: list[Next], voice: Voice) -> Iterator[Headline]:
    """What is unusual comes first; then the last message, and the next."""
    say, zone, now = voice.say, story.zone, story.now
    for rule in plan.policies.suppress:
        until = story.profile.suppressed.get(rule.name)
        if until is not None and (not until or until > now):
            how = say(N_("while {what} holds")).format(what=rule.when.text)
            if until:
                how = say(N_("until {time}")).format(time=clock(until, zone, now, voice))
            text = say(N_("Nothing for {purpose} leaves {how}"))
            yield Headline(text.format(purpose=rule.purpose, how=how), "warn")
    marketing = [each.name for each in plan.policies.purposes.values() if not each.transactional]
    may = [row for row in rows if row.reached and any(cell.may for cell in row.cells if cell.purpose in marketing)]
    if marketing and not may:
        yield Headline(say(N_("No channel may be used for marketing")), "warn")
    if any(each.held_out for each in story.profile.enrolments.values()):
        yield Headline(say(N_("In a group that gets nothing, for comparison")), "info")
    sent = next((line for line in reversed(story.lines) if line.told.kind == "sent"), None)
    if sent is not None:
        text = say(N_("Last message: {message} by {channel}, {time}"))
        when = clock(sent.told.at, zone, now, voice)
        yield Headline(text.format(message=sent.told.message, channel=sent.told.channel, time=when), "good")
    elif story.lines:
        yield Headline(say(N_("No message has left yet")), "plain")
    following = next((each for each in coming if each.at is not None), None)
    if following is not None:
        text = say(N_("Next: {what}, {time}"))
        yield Headline(
            text.format(what=f"{following.journey}{say(N_(': '))}{following.text}", time=following.when), "info"
        )
