"""What is learned of an action: each showing is a trial, and an acceptance its success.

A showing counts at once, and once for as long as it stays the answer. An acceptance counts for the showing that it
follows, on that showing's day, however late it comes: so both fade alike, and of each day's showings the share that
was accepted is right as soon as the answers are in.
"""

from __future__ import annotations

from engine.journey.walk import Walk
from engine.model.event import Event
from engine.model.learned import Cell, Tried
from engine.model.profile import Offer, Trial
from engine.model.span import DAY
from engine.policy.traits import traits_of

# What is said by somebody who has seen it. `no_time` says that nobody has judged it.
JUDGED = frozenset({"accepted", "declined", "not_relevant", "ignored"})
# An answer that comes this much later than a showing that was answered already is about another showing.
ANOTHER = DAY


def shown(walk: Walk, offer: Offer, event: Event, name: str) -> None:
    """Count a showing of the action `name`."""
    placement = str(event.properties.get("placement") or "")
    if placement not in walk.plan.placements:
        placement = ""
    segments = walk.plan.policies.learning.segments
    segment = next((each for each in segments if each in walk.profile.segments), "")
    traits = "&".join(traits_of(walk.customer, walk.plan.policies.learning.features))
    offer.trial = Trial(event.at, placement, segment, traits=traits)
    _count(walk, offer.trial, name, 1, 0)


def answered(walk: Walk, offer: Offer, event: Event, name: str, outcome: str) -> None:
    """Count what was said of an action that was shown. Who answers what nobody has told us of has seen it, too."""
    trial = offer.trial
    if outcome == "no_time":
        if trial is not None and not trial.answered:
            _count(walk, trial, name, -1, 0)
            offer.trial = None
        return
    if outcome not in JUDGED:
        return
    if trial is None or (trial.answered and event.at >= trial.at + ANOTHER):
        shown(walk, offer, event, name)
        trial = offer.trial
        assert trial is not None
    if outcome == "accepted" and not trial.accepted:
        trial.accepted = True
        _count(walk, trial, name, 0, 1)
    trial.answered = True


def _count(walk: Walk, trial: Trial, name: str, showings: int, acceptances: int) -> None:
    """Only what is declared is learned of: an event may name anything."""
    if name in walk.plan.actions:
        cell = str(Cell(name, trial.placement, trial.segment))
        walk.tried.append(Tried(trial.at // DAY, cell, showings, acceptances, trial.traits))
