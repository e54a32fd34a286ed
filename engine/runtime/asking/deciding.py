"""One question about one customer being answered: for each placement a decision, put into words."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

from engine.journey.ask import ask, ask_in_haste
from engine.model.action import Action, Answer, Asked, Ranked, Removed
from engine.model.errors import RenderFailed
from engine.model.ids import decision_id
from engine.model.plan import Placement
from engine.model.profile import Profile
from engine.policy.wallclock import iso
from engine.runtime.asking.account import declared, record, told
from engine.runtime.asking.fetch import Found
from engine.runtime.asking.latest import Known
from engine.runtime.asking.question import Question
from engine.runtime.asking.words import Telling, Wording, form_of, read_tellings, shown_telling, with_telling
from engine.runtime.asking.written import Written
from engine.runtime.blob import pack

MOST_UNSAYABLE = 50  # actions of one answer whose words fail, before it has none


class Deciding:
    """Answers `question` about `profile`, as of one instant. `name` tells this request from all others.

    `body` is the answer as plain data; `written` what is to be kept of it. `until` is when (monotonic s) nothing may
    be begun any more that takes long.
    """

    def __init__(
        self, known: Known, question: Question, found: Found, profile: Profile, name: str, until: float
    ) -> None:
        self._known, self._question, self._found, self._profile = known, question, found, profile
        self._name, self._until, self._now = name, until, known.now()
        self._words = Wording(known.running, profile, question.context, self._now, known.pulse.flags)
        self.hurried = False
        self.written: list[Written] = []
        plan = known.running.plan
        decisions = [self._one(plan.placements[each]) for each in question.placements]
        self.body: dict[str, Any] = {
            "profile": found.profile if found.blob is not None else None,
            "at": iso(self._now),
            "plan": plan.fingerprint,
            "decisions": decisions,
        }

    def _one(self, placement: Placement) -> dict[str, Any]:
        question, plan = self._question, self._known.running.plan
        answer, tellings, new = self._worded(placement)
        shown = [each.action.name for each in answer.ranked]
        name = decision_id(self._found.profile, self._name, placement.name, shown)
        suggestions = self._profile.suggestions
        self.written.append(
            Written(
                record(
                    placement,
                    answer,
                    frozenset(each.action for each in suggestions if each.until > self._now),
                    name=name,
                    request=question.request,
                    profile=self._found.profile if self._found.blob is not None else "",
                    at=self._now,
                    plan=plan.fingerprint,
                    context=declared(plan, question.context),
                    figures={name: one for each in tellings.values() for name, one in each.figures.items()},
                ),
                home=self._found.profile,
                known=self._found.blob is not None,
                words=new,
                request=question.name(),
            )
        )
        return told(placement, answer, name, tellings, explain=question.explain)

    def _worded(self, placement: Placement) -> tuple[Answer, dict[str, Telling], dict[str, bytes]]:
        """The answer of one placement, and its words. What cannot be put into words makes room for the next."""
        plan, flags = self._known.running.plan, self._known.pulse.flags
        unsayable: dict[str, Removed] = {}
        while True:
            asked = Asked(
                placement.name,
                self._question.context,
                self._question.limit,
                without=unsayable,
                brief=not self._question.explain,
                nobody="" if self._question.links or self._question.profile else self._name,
            )
            if time.monotonic() > self._until or len(unsayable) > MOST_UNSAYABLE:
                self.hurried = True
                answer = ask_in_haste(plan, self._profile, asked, self._now, flags)
            else:
                answer = ask(plan, self._profile, asked, self._now, flags)
            tellings: dict[str, Telling] = {}
            new: dict[str, bytes] = {}
            failed = [why for each in answer.ranked if (why := self._tell(each, placement, tellings, new)) is not None]
            if not failed:
                return answer, tellings, new
            unsayable |= {each.action: each for each in failed}

    def _tell(
        self, each: Ranked, placement: Placement, tellings: dict[str, Telling], new: dict[str, bytes]
    ) -> Removed | None:
        """Find the words of an action, or the reason why there are none; `new` are words that were not known."""
        name, form = each.action.name, form_of(placement)
        before = read_tellings(self._found.words.get(name))
        seen = shown_telling(before, self._profile, name) if each.kept else None
        if seen is not None and form in seen.forms:
            tellings[name] = seen
            return None
        try:
            telling = self._words.tell(each.action, placement)
        except RenderFailed as fault:
            return Removed(name, "rendering", fault.reason, fault.place, fault.code)
        tellings[name] = telling
        if with_telling(before, telling) is not None:
            whole = self._everywhere(each.action, telling)
            new[name] = pack(with_telling(before, whole) or [whole])
        return None

    def _everywhere(self, action: Action, telling: Telling) -> Telling:
        """The same in the other form, if it is shown where that is needed: the prices of one instant."""
        places = self._known.running.plan.placements
        forms, figures = dict(telling.forms), dict(telling.figures)
        for placement in (places[name] for name in sorted(action.placements) if name in places):
            if form_of(placement) not in forms:
                with suppress(RenderFailed):  # it is said where it is asked for
                    other = self._words.tell(action, placement)
                    forms, figures = forms | other.forms, other.figures | figures
        return Telling(telling.at, telling.locale, forms, figures)
