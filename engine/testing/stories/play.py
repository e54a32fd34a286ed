"""Playing one case: events and time in the simulator, then what was expected held against what happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.define.doc import Doc, Path
from engine.journey.ask import ask
from engine.journey.wording import Render
from engine.model.action import Answer, Asked
from engine.model.plan import Plan
from engine.model.problem import Problem
from engine.model.profile import Profile
from engine.model.record import Record
from engine.testing.stories.model import OF_SEGMENTS, PHRASED, Case, Expect, Step, Story
from engine.testing.stories.phrase import agree, describe, recipient, subject
from engine.testing.stories.stage import Stage

MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that did not hold. `problem` is its place with the line; the rest are lines of text."""

    case: str
    key: str
    problem: Problem
    expected: tuple[str, ...]
    got: tuple[str, ...]
    instead: tuple[str, ...] = ()


def play(story: Story, case: Case, plan: Plan, render: Render) -> tuple[list[Failure], list[Record]]:
    """Run `case` over `plan` (cut to what is under test): every failure, and everything that happened."""
    player = _Player(story, case, Stage(plan, render, case))
    for step in case.steps:
        player.step(step)
    return player.failures, player.stage.records


class _Player:
    """One run of one case. `told` is how far the records have been looked at, by (customer, key)."""

    def __init__(self, story: Story, case: Case, stage: Stage) -> None:
        self.story, self.case, self.stage = story, case, stage
        self.told: dict[tuple[str, str], int] = {}
        self.failures: list[Failure] = []

    def step(self, step: Step) -> None:
        stage, before = self.stage, len(self.stage.records)
        stage.run_until(step.at, events_at=True)
        stage.outcomes.update(step.outcomes)
        if step.event is not None:
            event = stage.receipt(step.event, step.about) if step.about else step.event
            if event is None:
                self._fail(step.path, "event", [f"{step.about} has left by now"], ["it has not"])
            else:
                stage.feed(event)
        if step.expects or step.ask:
            stage.run_until(step.at)
        for expect in step.expects:
            self._hold(step, expect)
        for record in stage.records[before:]:
            if record.kind == "set_aside":
                self._fail(step.path, "at", ["a decision"], [record.reason])

    def _hold(self, step: Step, expect: Expect) -> None:
        """Compare one expectation with the records since the last one of its name, or with the state."""
        since = self.told.get((step.customer, expect.key), 0)
        self.told[step.customer, expect.key] = len(self.stage.records)
        profile = self.stage.profile(step.customer)
        news = [record for record in self.stage.records[since:] if self.stage.home(record.profile) == profile.id]
        if expect.key in PHRASED:
            found = [record for record in news if record.kind == expect.key and self._tested(record)]
            if not agree(expect.phrases, found):
                others = [record for record in news if record.kind != expect.key]
                got = [describe(record, self.case.clock) for record in found]
                self._fail(expect.path, expect.key, [each.text for each in expect.phrases], got, others)
        elif expect.key == "actions":
            actions = [each.action.name for each in self._answer(step, profile).ranked]
            if actions != list(expect.names):
                self._fail(expect.path, expect.key, list(expect.names), actions, news)
        elif expect.key == "without":
            self._left_out(step, expect, profile)
        elif expect.key == "segments":
            tested = self.story.segments
            inside = sorted(name for name in profile.segments if not tested or name in tested)
            if inside != sorted(expect.names):
                self._fail(expect.path, expect.key, sorted(expect.names), inside, news)
        else:
            for name, wanted in expect.values.items():
                value = profile.attributes.get(name)
                if value != wanted:
                    said = [f"{name}: {_shown(wanted)}"], [f"{name}: {_shown(value)}"]
                    self._fail((*expect.path, name), f"customer.{name}", *said)

    def _answer(self, step: Step, profile: Profile) -> Answer:
        return ask(self.stage.plan, profile, step.ask or Asked(""), step.at, self.stage.flags)

    def _left_out(self, step: Step, expect: Expect, profile: Profile) -> None:
        found = {each.action: each for each in self._answer(step, profile).removed}
        for name, wanted in expect.values.items():
            out = found.get(name)
            if out is None:
                self._fail((*expect.path, name), "without", [f"{name}: {wanted}"], [f"{name} is shown"])
            elif wanted not in (out.stage, out.rule):
                place = f" ({out.place})" if out.place else ""
                got = f"{name}: {out.rule or out.stage}, {out.observed}{place}"
                self._fail((*expect.path, name), "without", [f"{name}: {wanted}"], [got])

    def _tested(self, record: Record) -> bool:
        """Segments that are not under test are not looked at, when others are."""
        tested = self.story.segments
        return record.kind not in OF_SEGMENTS or not tested or subject(record) in tested

    def _fail(
        self, path: Path, key: str, expected: list[str], got: list[str], others: list[Record] | None = None
    ) -> None:
        lines = [self._line(record) for record in (others or [])[-MOST_SHOWN:]]
        problem = located(self.story.doc, path, f"{self.case.name}: {key} is not as expected.")
        self.failures.append(Failure(self.case.name, key, problem, tuple(expected), tuple(got), tuple(lines)))

    def _line(self, record: Record) -> str:
        """A record that came instead, with its reason in full and its place."""
        what = " ".join(
            part
            for part in (
                record.kind,
                record.message or record.journey,
                record.channel and f"by {record.channel}",
                recipient(record) and f"to {recipient(record)}",
            )
            if part
        )
        reason = f" because {record.reason}" if record.reason else ""
        until = f" until {self.case.clock.show(record.until)}" if record.until is not None else ""
        place = f" ({record.place})" if record.place else ""
        return f"{self.case.clock.show(record.at)} {what}{until}{reason}{place}"


def located(doc: Doc, path: Path, message: str) -> Problem:
    """A problem at the key of `path` in `doc`, with its line, that is not kept in `doc`."""
    aside = Doc(doc.file, doc.text, doc.data, doc.values, doc.keys)
    aside.problem(path, message, code="story", key=True)
    return aside.problems[0]


def _shown(value: Any) -> str:
    return "not known" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
