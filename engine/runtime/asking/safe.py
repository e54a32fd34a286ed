"""What may be shown to anybody: when the store is away nobody knows who refused what, or has a case open."""

from __future__ import annotations

from functools import partial
from typing import Any

from engine.journey.ask import ask_in_haste
from engine.model.action import Answer, Asked, Removed
from engine.model.errors import RenderFailed
from engine.model.ids import decision_id, profile_id
from engine.model.message import Addressee
from engine.model.plan import Placement
from engine.model.profile import Profile
from engine.policy.wallclock import iso
from engine.render.outside import EmptyPool
from engine.runtime.asking.account import told
from engine.runtime.asking.latest import Known
from engine.runtime.asking.question import Question
from engine.runtime.asking.words import Telling, Wording
from engine.runtime.plans import Running

NOBODY = profile_id("", "")


class NoStore:
    """An outside that asks nobody: the store may hang, and what it gave to nobody would be told to everybody."""

    def page(self, name: str, to: Addressee) -> str | None:
        return None

    def click(self, to: Addressee, address: str, number: int) -> str:
        return address

    def opening(self, to: Addressee) -> str | None:
        return None

    def voucher(self, to: Addressee, pool: str) -> str:
        raise EmptyPool(f"a code of '{pool}' is a customer's, and nobody can know whose.")


NO_STORE = NoStore()


def safe(known: Known, question: Question, why: str) -> dict[str, Any]:
    """The fallbacks of the placements that nobody can refuse: those of transactional purposes, with no word of the
    customer in them, nor a voucher code. `why` is `store_away` or `out_of_time`."""
    running, plan = known.running, known.running.plan
    if running.renderer is not None:
        known = Known(known.pulse, Running(plan, partial(running.renderer.render, outside=NO_STORE), running.renderer))
    now, name = known.now(), question.name() or question.mark
    return {
        "profile": None,
        "at": iso(now),
        "plan": plan.fingerprint,
        "decisions": [_one(known, question, plan.placements[each], name, now) for each in question.placements],
        "degraded": why,
    }


def _one(known: Known, question: Question, placement: Placement, name: str, now: int) -> dict[str, Any]:
    plan, flags, nobody = known.running.plan, known.pulse.flags, Profile(id=NOBODY, label="")
    answer = ask_in_haste(plan, nobody, Asked(placement.name, {}, question.limit), now, flags)
    tellings: dict[str, Telling] = {}
    for each in answer.ranked:
        try:
            if plan.policies.purposes[each.action.purpose].transactional:
                tellings[each.action.name] = Wording(known.running, nobody, {}, now, flags).tell(each.action, placement)
        except RenderFailed:
            continue  # it speaks of the customer
    shown = tuple(each for each in answer.ranked if each.action.name in tellings)
    others = [each.action for each in answer.ranked if each.action.name not in tellings]
    out = [Removed(each.name, "time", "nobody can know who refused it", str(each.place)) for each in others]
    answer = Answer(answer.placement, shown, (*answer.removed, *out), fallback=bool(shown))
    decision = decision_id(NOBODY, name, placement.name, [each.action.name for each in shown])
    return told(placement, answer, decision, tellings, explain=question.explain)
