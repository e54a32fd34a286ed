"""A customer's story as plain data: what `explain --json` and the HTTP interface give."""

from __future__ import annotations

from typing import Any

from engine.journey.outlook import Planned, Stopper
from engine.journey.why_not import Answer
from engine.policy.wallclock import iso
from engine.runtime.explain import Line, Story
from engine.runtime.telling import sentence


def as_data(story: Story) -> dict[str, Any]:
    """Instants are ISO text in UTC; empty parts of a line are left out."""
    data: dict[str, Any] = {
        "profile": story.profile.id,
        "label": story.profile.label,
        "known": story.known,
        "now": iso(story.now),
        "timezone": story.zone,
        "plan": story.plan,
        "older_lines_are_gone": story.full,
        "story": [_line(story, line) for line in story.lines],
        "planned": [_planned(story, each) for each in story.planned],
    }
    if story.why_not is not None:
        data["why_not"] = [_answer(story, each) for each in story.why_not]
    return data


def _line(story: Story, line: Line) -> dict[str, Any]:
    told = line.told
    rule, _, observed = told.reason.partition(": ")
    found = {
        "at": iso(told.at),
        "kind": told.kind,
        "journey": told.journey,
        "step": told.step,
        "message": told.message,
        "channel": told.channel,
        "rule": rule,
        "observed": observed,
        "until": iso(told.until) if told.until is not None else "",
        "place": told.place,
        "quote": line.quote,
        "key": told.key,
        "id": told.id,
        "version": told.version,
        "plan": told.plan,
        "properties": {
            name: value for name, value in line.properties.items() if name not in ("event", "channel", "at")
        },
        **(told.extra or {}),
        "text": sentence(told, story.zone),
    }
    if told.kind == "event":
        found["happened"] = found.pop("until")
    return {name: value for name, value in found.items() if value not in ("", {}, None)}


def _planned(story: Story, each: Planned) -> dict[str, Any]:
    found = {
        "at": iso(each.at) if each.at is not None else "",
        "what": each.what,
        "journey": each.journey,
        "name": each.name,
        "key": each.key,
        "detail": each.detail,
        "then": list(each.then),
        "place": str(each.place),
        "quote": story.quotes.line(str(each.place), story.plan, each.journey, each.version),
        "could_stop": [_stopper(story, stopper, each) for stopper in each.stoppers],
    }
    return {name: value for name, value in found.items() if value not in ("", [], None)}


def _stopper(story: Story, stopper: Stopper, of: Planned) -> dict[str, Any]:
    return {
        "rule": stopper.rule,
        "text": stopper.text,
        "seen": stopper.seen,
        "stops_now": stopper.holds,
        "place": str(stopper.place),
        "quote": story.quotes.line(str(stopper.place), story.plan, of.journey, of.version),
    }


def _answer(story: Story, answer: Answer) -> dict[str, Any]:
    return {
        "rule": answer.rule,
        "text": answer.text,
        "holds": answer.holds,
        "seen": answer.seen,
        "place": str(answer.place),
        "quote": story.quotes.line(str(answer.place), story.plan),
    }
