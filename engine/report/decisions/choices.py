"""Logged choices in columns: what was shown where, to whom, with which probability, and what came of it.

The lists have one place for each choice; names are numbered, so that a million choices are a few dozen megabytes.
"""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Generic, TypeVar

from engine.model.errors import ParcoursError

Thing = TypeVar("Thing", bound=Hashable)


class BadRows(ParcoursError):
    """A file of decisions cannot be read: `where` it is wrong, `what` was found there, and what was meant."""

    code = "bad_rows"

    def __init__(self, where: str, what: str) -> None:
        super().__init__(where, what)

    def sentence(self) -> str:
        return f"{self.data[0]}: {self.data[1]}"


@dataclass(slots=True)
class Names(Generic[Thing]):
    """Things by number, in the order in which they came."""

    known: dict[Thing, int] = field(default_factory=dict)
    all: list[Thing] = field(default_factory=list)

    def number(self, thing: Thing) -> int:
        found = self.known.get(thing)
        if found is None:
            found = self.known[thing] = len(self.all)
            self.all.append(thing)
        return found


Chances = dict[int, float]


@dataclass(slots=True)
class Choices:
    """`place` is where a choice was made: (placement, position), `context` what the reward model tells apart.

    `logged` numbers in `policies` what is known of how it was chosen: action -> probability. Of rows from elsewhere
    only that of the action that was shown is known: there `logged` is empty, and `offered` are the actions seen at
    the place. `target` is the probability of the shown action under a policy of somebody else's, NaN where none is
    given.
    """

    actions: Names[Hashable] = field(default_factory=Names)
    places: Names[tuple[str, str]] = field(default_factory=Names)
    customers: Names[Hashable] = field(default_factory=Names)
    contexts: Names[Hashable] = field(default_factory=Names)
    action: array[int] = field(default_factory=lambda: array("l"))
    place: array[int] = field(default_factory=lambda: array("l"))
    customer: array[int] = field(default_factory=lambda: array("l"))
    context: array[int] = field(default_factory=lambda: array("l"))
    reward: array[float] = field(default_factory=lambda: array("d"))
    propensity: array[float] = field(default_factory=lambda: array("d"))
    target: array[float] = field(default_factory=lambda: array("d"))
    logged: list[Chances] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.action)

    def add(
        self,
        action: Hashable,
        place: tuple[str, str],
        customer: Hashable,
        reward: float,
        propensity: float,
        context: Hashable = (),
        target: float = float("nan"),
    ) -> None:
        """One more choice, after those before it in time. `propensity` is above 0 and at most 1."""
        self.action.append(self.actions.number(action))
        self.place.append(self.places.number(place))
        self.customer.append(self.customers.number(customer))
        self.context.append(self.contexts.number(context))
        self.reward.append(reward)
        self.propensity.append(propensity)
        self.target.append(target)

    def leave_out(self, why: str) -> None:
        """One row that is no choice, and why."""
        self.left_out[why] = self.left_out.get(why, 0) + 1

    def in_order(self, instants: Sequence[Any]) -> Choices:
        """Itself, its choices in the order of these instants. Raises TypeError when they cannot be compared."""
        if all(before <= after for before, after in pairwise(instants)):
            return self
        order = sorted(range(len(self)), key=instants.__getitem__)
        for column in ("action", "place", "customer", "context", "reward", "propensity", "target"):
            found = getattr(self, column)
            setattr(self, column, array(found.typecode, [found[each] for each in order]))
        return self

    def offered(self) -> list[list[int]]:
        """The actions that were seen at each place."""
        seen: list[set[int]] = [set() for _ in self.places.all]
        for action, place in zip(self.action, self.place, strict=True):
            seen[place].add(action)
        return [sorted(each) for each in seen]

    def placements(self) -> list[int]:
        """For each place the number of its placement: a place is (placement, position)."""
        names: Names[str] = Names()
        return [names.number(place[0]) for place in self.places.all]

    def by_customer(self, values: Sequence[float]) -> list[float]:
        """The sums of one number for each choice, over each customer's choices."""
        sums = [0.0] * len(self.customers.all)
        for customer, value in zip(self.customer, values, strict=True):
            sums[customer] += value
        return sums
