"""What a changed workspace would have put first, at the instants of logged decisions.

The customers are brought to each of these instants by their own events, in virtual time and under the draft: its
conditions, rules, caps and rests see what they would have seen. What had been learned of an action by then is taken
from the decision's record, so that only the draft's words make a difference; actions that were no candidates begin as
new ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from engine.decide.look import Look
from engine.decide.posterior import start_of
from engine.decide.selection import Runner, first_chances
from engine.define.workspace import Compiled
from engine.journey.ask import ask
from engine.model.action import Action, Asked, Belief, Ranked
from engine.model.decision import Candidate, Decision
from engine.model.event import Event
from engine.model.plan import Plan
from engine.model.profile import Profile
from engine.model.span import DAY
from engine.policy.bucket import share
from engine.report.decisions.choices import Chances, Choices
from engine.report.decisions.logged import Logged
from engine.report.decisions.policies import Target, varied
from engine.testing.simulator import Simulator


class AsLogged:
    """What was believed of the candidates of one decision; of other actions what is believed of new ones."""

    draws = False

    def __init__(self, decision: Decision) -> None:
        self.number = decision.snapshot
        self._known: Mapping[str, Candidate] = {each.action: each for each in decision.candidates}

    def belief(self, look: Look, action: Action) -> Belief:
        """The mean of the belief: chances are computed, not drawn."""
        known = self._known.get(action.name)
        if known is not None and known.wins > 0:
            return Belief(known.wins / (known.wins + known.losses), "as logged", known.wins, known.losses)
        start = start_of(look.plan, action)
        return Belief(start.mean, start.why, start.mean * start.strength, (1 - start.mean) * start.strength)

    def beliefs(self, look: Look) -> Callable[[Action], Belief]:
        """The same of many."""
        return partial(self.belief, look)

    def first(self, look: Look, action: Action) -> int | None:
        """Since when an action is there: not known, and not asked where nothing is drawn."""
        return None


def draft_policy(
    compiled: Compiled, choices: Choices, chosen: Sequence[Logged], events: Iterable[Event], name: str = "draft"
) -> Target:
    """The draft's chances for each of the choices, which were made in these decisions (in the order of time).

    `events` are those of the customers, in the order of arrival; the draft's own control group is left out of it.
    """
    plan = _showing_all(compiled.plan)
    simulator = Simulator(plan, compiled.renderer.render, lambda record: None)
    coming = iter(events)
    ahead = next(coming, None)
    found: list[Chances] = []
    first: dict[str, int] = {}
    for each in chosen:
        decision = each.decision
        while ahead is not None and ahead.received < decision.at:  # what comes at that instant is not known yet
            simulator.feed(ahead)
            ahead = next(coming, None)
        simulator.run_until(max(decision.at, simulator.now))
        found.append(
            {
                choices.actions.number(action): chance
                for action, chance in _chances(plan, _customer(simulator, decision), decision, first).items()
            }
        )
        for action in decision.shown:
            first.setdefault(action, decision.at // DAY * DAY)
    return varied(name, choices, found)


def _showing_all(plan: Plan) -> Plan:
    """The plan with room for every action, and nobody in its control group."""
    room = len(plan.actions) + 1_000
    placements = {name: replace(each, show=room, fallback="") for name, each in plan.placements.items()}
    return replace(plan, placements=placements, policies=replace(plan.policies, control=None))


def _customer(simulator: Simulator, decision: Decision) -> Profile:
    home = simulator.home(decision.profile)
    return simulator.profiles.get(home) or Profile(id=decision.profile, label=decision.profile)


def _chances(plan: Plan, profile: Profile, decision: Decision, first: Mapping[str, int]) -> dict[str, float]:
    if decision.placement not in plan.placements:
        return {}
    asked = Asked(decision.placement, decision.context)
    answer = ask(plan, profile, asked, decision.at, learned=AsLogged(decision))
    # words are not tried here: what had none at that instant, for want of a price say, has none in a draft either
    wordless = {each.action for each in decision.removed if each.stage == "rendering"}
    suggested = {each.action for each in profile.suggestions if each.until > decision.at}
    ranked = [
        each
        for each in answer.ranked
        if each.action.name not in wordless
        and (each.kept or each.action.name in suggested or _let_in(each.action, decision, first))
    ]
    chances = first_chances([_runner(each) for each in ranked], plan.policies.learning.explore)
    return dict(zip((each.action.name for each in ranked), chances, strict=True))


def _let_in(action: Action, decision: Decision, first: Mapping[str, int]) -> bool:
    """Whether the ramp of an action lets the customer see it, as far as it can be known.

    An action whose life begins at a date has its share of that instant. Of another what was logged counts: it was a
    candidate, or its ramp kept it from this customer; and of one that was neither, the day on which it was first shown.
    """
    if action.ramp is None or action.mandatory:
        return True
    if action.since is None:
        if any(each.action == action.name for each in decision.candidates):
            return True
        if any(each.action == action.name and each.stage == "ramp" for each in decision.removed):
            return False
    since = action.since if action.since is not None else first.get(action.name)
    at = share(f"ramp|{action.name}", decision.profile or decision.id)
    return at < action.ramp.reach(since, decision.at)


def _runner(each: Ranked) -> Runner:
    made = each.factors
    weight = made.context * made.value * made.boost
    belief = made.belief
    return Runner(belief.wins, belief.losses, made.propensity, weight, each.action.mandatory, each.kept)
