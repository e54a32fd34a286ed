"""Thompson sampling: an action is as likely to be preferred as it is to be the better one.

Each belief is drawn from, so what is little known is tried now and then, and what is known to be poor no more. The
draw depends on the seed of the look and on the action alone: the same customer gets the same one all day, everywhere.
"""

from __future__ import annotations

from engine.decide.contextual import shifted
from engine.decide.look import Look
from engine.decide.posterior import Posterior, Start, Totals, posterior, start_of
from engine.decide.sample import beta
from engine.model.action import Action, Belief
from engine.model.learned import NOTHING, NOTHING_YET, Cell, Count, Snapshot
from engine.model.plan import Plan
from engine.model.span import DAY
from engine.policy.traits import traits_of


class Thompson:
    """What a snapshot says of actions. `draws` False: the means of the beliefs, and nothing is left to chance.

    Threads may share one: what it remembers of a plan can only be found twice.
    """

    def __init__(self, snapshot: Snapshot = NOTHING_YET, *, draws: bool = True) -> None:
        self.snapshot = snapshot
        self.number = snapshot.number
        self.draws = draws
        self._totals = Totals(snapshot)
        self._of: _OfPlan | None = None

    def belief(self, look: Look, action: Action) -> Belief:
        found = self.posterior(look.plan, Cell(action.name, look.placement.name, look.segment))
        wins, losses, differs = found.wins, found.losses, list[str]()
        if self.snapshot.weights:
            traits = traits_of(look.profile.attributes, look.plan.policies.learning.features)
            mean, differs = shifted(found.mean, self.snapshot.weights, action.name, traits)
            wins, losses = mean * (wins + losses), (1.0 - mean) * (wins + losses)
        likely = beta(f"{look.seed}|{action.name}", wins, losses) if self.draws else wins / (wins + losses)
        why = "" if look.asked.brief else "; ".join((self._told(look, found), *differs))
        return Belief(likely, why, wins, losses, self.draws)

    def first(self, look: Look, action: Action) -> int | None:
        day = self.snapshot.first.get(action.name)
        return day * DAY if day is not None else None

    def posterior(self, plan: Plan, cell: Cell) -> Posterior:
        """What is believed of a cell whose action is of the plan. Raises KeyError for another."""
        of = self._of
        if of is None or of.plan is not plan:
            of = self._of = _OfPlan(plan, self._totals)
        return of.posterior(cell)

    def _told(self, look: Look, found: Posterior) -> str:
        to = f" to {look.segment}" if look.segment else ""
        own, start = found.own, found.start
        how = f"drawn around {found.mean:.3g}" if self.draws else f"{found.mean:.3g} on average"
        learned = f"{own.accepted:.3g} of {own.shown:.3g} showings at {look.placement.name}{to} accepted"
        return f"{how}, {learned}, begun at {start.mean:.3g} ({start.why}), snapshot {self.number}"


class _OfPlan:
    """What a snapshot says of the actions of one plan, found once for each cell."""

    def __init__(self, plan: Plan, totals: Totals) -> None:
        self.plan = plan
        self._totals = totals
        self._likes = totals.by_purpose(plan.actions.values())
        self._found: dict[Cell, Posterior] = {}

    def posterior(self, cell: Cell) -> Posterior:
        found = self._found.get(cell)
        if found is None:
            action = self.plan.actions[cell.action]
            found = posterior(self._start(action), self._totals, cell, self.plan.policies.learning)
            self._found[cell] = found
        return found

    def _start(self, action: Action) -> Start:
        likes: Count = self._likes.get(action.purpose, NOTHING)
        return start_of(self.plan, action, likes.minus(self._totals.actions.get(action.name, NOTHING)))
