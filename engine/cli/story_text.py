"""A customer's story for the terminal: days, times on their own clock, and the line of the file behind each rule."""

from __future__ import annotations

from collections.abc import Iterator

from engine.journey.why_not import Answer
from engine.policy.wallclock import to_local
from engine.runtime.explain import Line, Story
from engine.runtime.foretelling import coming, hinders
from engine.runtime.telling import clock, observed, properties, sentence
from engine.runtime.voice import ENGLISH

WIDE = 18  # characters of a journey's column
_SILENT = dict.fromkeys((*range(32), *range(127, 160)), "\N{REPLACEMENT CHARACTER}")
_SAYS_SO = ("step", "started", "split", "suggested", "suppressed", "chosen", "called")


def story_text(story: Story, since: int | None = None) -> str:
    """Everything that `explain` has to say, as lines."""
    lines = [*_head(story, since), *_past(story), "", *_future(story)]
    if story.why_not is not None:
        lines += ["", *_answers(story, story.why_not)]
    # what an event said is a stranger's word: it must not speak to the terminal
    return "\n".join(line.translate(_SILENT) for line in lines)


def _head(story: Story, since: int | None) -> Iterator[str]:
    yield f"{story.profile.label} ({story.profile.id}), times in {story.zone}, now {clock(story.now, story.zone)}"
    known = story.known
    if known:
        yield ", ".join(f"{name} {value}" for name, value in known.items())
    if story.full and since is None:
        yield "What happened before the first line below is no longer kept (PARCOURS_TIMELINE)."


def _past(story: Story) -> Iterator[str]:
    if not story.lines:
        yield "Nothing has happened."
    day = ""
    for line in story.lines:
        local = to_local(line.told.at, story.zone)
        today = ENGLISH.day(local)
        if today != day:
            yield ""
            yield today
            day = today
        yield from _line(story, line, f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}   ")


def _line(story: Story, line: Line, time: str) -> Iterator[str]:
    told = line.told
    if told.kind == "event":
        said = properties(line.properties)
        late = ""
        if told.until is not None and told.at - told.until >= 60_000:
            late = f", happened {clock(told.until, story.zone, told.at)}"
        yield f"  {time}  {sentence(told, story.zone)}{': ' + said if said else ''}{late}"
        return
    yield f"  {time}    {told.journey:<{WIDE}} {sentence(told, story.zone)}"
    if told.place and (told.kind in _SAYS_SO or told.reason or told.kind == "sent"):
        yield _source(told.place, line.quote)


def _source(place: str, quote: str) -> str:
    return f"{'':14}{'':{WIDE}}{place}{'  ' + quote if quote else ''}"


def _future(story: Story) -> Iterator[str]:
    if not story.planned:
        yield "Nothing is planned."
        return
    yield "Planned"
    for each in story.planned:
        when = clock(each.at, story.zone, story.now) if each.at is not None else "-"
        key = f" for {each.key}" if each.key else ""
        yield f"  {when}  {each.journey}{key}: {coming(each)}"
        yield f"      {each.place}  {story.quotes.line(str(each.place), story.plan, each.journey, each.version)}"
        for stopper in each.stoppers:
            place = f" ({stopper.place})" if stopper.place.line else ""
            yield f"      {hinders(stopper, story.zone, story.now)}{place}"


def _answers(story: Story, answers: list[Answer]) -> Iterator[str]:
    wrong = [each for each in answers if not each.holds]
    yield (
        f"Why it has not started: {len(wrong)} of {len(answers)} do not hold" if wrong else "Nothing keeps it away now."
    )
    for each in answers:
        seen = observed(each.seen, story.zone, story.now)
        yield f"  {'yes' if each.holds else 'NO '}  {each.text} - {seen}"
        yield f"        {each.place}  {story.quotes.line(str(each.place), story.plan)}"
