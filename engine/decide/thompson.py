"""Thompson sampling: an action is as likely to be preferred as it is to be the better one.

Each belief is drawn from, so what is little known is tried now and then, and what is known to be poor no more. The
draw depends on the seed of the look and on the action alone: the same customer gets the same one all day, everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from engine.decide.contextual import shifted
from engine.decide.look import Look
from engine.decide.posterior import Posterior, Start, Totals, posterior, start_of
from engine.decide.sample import beta, drawn
from engine.model.action import Action, Belief
from engine.model.learned import NOTHING, NOTHING_YET, Cell, Count, Snapshot
from engine.model.plan import Plan
from engine.model.span import DAY
from engine.policy.traits import traits_of

Draws = dict[str, Belief]


@lru_cache(maxsize=256)  # with 1,000 actions left for each it is 40 MB
def draws_of(seed: str) -> Draws:
    """The newest draws for a customer's day, by action: who looks around asks again and again, and draws the same."""
    return {}


class Thompson:
    """What a snapshot says of actions. `draws` False: the means of the beliefs, and nothing is left to chance.

    Threads may share one: what it remembers of a plan can only be found twice.
    """

    def __init__(self, snapshot: Snapshot = NOTHING_YET, *, draws: bool = True) -> None:
        self.snapshot = snapshot
        self.number = snapshot.number
        self.draws = draws
        self._totals = Totals(snapshot)
        self._weighed = frozenset(name.split("|", 1)[0] for name in snapshot.weights)
        self._of: _OfPlan | None = None

    def belief(self, look: Look, action: Action) -> Belief:
        found = self.posterior(look.plan, Cell(action.name, look.placement.name, look.segment))
        wins, losses, differs = self._of_customer(action.name, found, self._traits(look))
        likely = beta(f"{look.seed}|{action.name}", wins, losses) if self.draws else wins / (wins + losses)
        why = "; ".join((self._told(look, found), *differs))
        return Belief(likely, why, wins, losses, self.draws)

    def beliefs(self, look: Look) -> Callable[[Action], Belief]:
        """What `belief` says of many actions in one answer, without the words."""
        of, at, to, draws = self._about(look.plan), look.placement.name, look.segment, self.draws
        known = of.known(at, to)
        traits, weighed = self._traits(look), self._weighed
        drawn_before: Draws = {} if look.asked.nobody else draws_of(look.seed)
        seed = f"{look.seed}|".encode()

        def belief(action: Action) -> Belief:
            name = action.name
            found = known.get(name)
            if found is None:
                found = of.posterior(Cell(name, at, to))
            wins, losses = found.wins, found.losses
            if weighed:
                wins, losses, _ = self._of_customer(name, found, traits if name in weighed else ())
            if not draws:
                return Belief(wins / (wins + losses), "", wins, losses, False)
            before = drawn_before.get(name)
            if before is None or before.wins != wins or before.losses != losses:
                before = Belief(drawn(seed + name.encode(), wins, losses), "", wins, losses, True)
                drawn_before[name] = before
            return before

        return belief

    def _traits(self, look: Look) -> tuple[str, ...]:
        features = look.plan.policies.learning.features
        return traits_of(look.profile.attributes, features, look.plan.vocabulary.zeros) if self._weighed else ()

    def _of_customer(self, action: str, found: Posterior, traits: tuple[str, ...]) -> tuple[float, float, list[str]]:
        """Wins and losses as the contextual model sees them for a customer, and by what it differs."""
        if not self._weighed:
            return found.wins, found.losses, []
        mean, differs = shifted(found.mean, self.snapshot.weights, action, traits)
        return mean * (found.wins + found.losses), (1.0 - mean) * (found.wins + found.losses), differs

    def first(self, look: Look, action: Action) -> int | None:
        day = self.snapshot.first.get(action.name)
        return day * DAY if day is not None else None

    def posterior(self, plan: Plan, cell: Cell) -> Posterior:
        """What is believed of a cell whose action is of the plan. Raises KeyError for another."""
        return self._about(plan).posterior(cell)

    def _about(self, plan: Plan) -> _OfPlan:
        of = self._of
        if of is None or of.plan is not plan:
            of = self._of = _OfPlan(plan, self._totals)
        return of

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
        self._found: dict[tuple[str, str], dict[str, Posterior]] = {}

    def known(self, placement: str, segment: str) -> dict[str, Posterior]:
        """What was found of this placement and segment so far, by action."""
        return self._found.setdefault((placement, segment), {})

    def posterior(self, cell: Cell) -> Posterior:
        known = self.known(cell.placement, cell.segment)
        found = known.get(cell.action)
        if found is None:
            action = self.plan.actions[cell.action]
            found = posterior(self._start(action), self._totals, cell, self.plan.policies.learning)
            known[cell.action] = found
        return found

    def _start(self, action: Action) -> Start:
        likes: Count = self._likes.get(action.purpose, NOTHING)
        return start_of(self.plan, action, likes.minus(self._totals.actions.get(action.name, NOTHING)))
