"""Ways of choosing whose worth is asked: for every logged choice, with which probability each action is shown."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TypeVar

from engine.report.decisions.choices import BadRows, Chances, Choices

Key = TypeVar("Key", bound=Hashable)


@dataclass(slots=True)
class Target:
    """`of` numbers, for every choice, its entry in `chances`. Where an entry sums up to less than 1, nothing is shown.

    `single`: of each choice only the chance of the logged action is known (`shown`), so `chances` are empty.
    """

    name: str
    chances: list[Chances] = field(default_factory=list)
    of: array[int] = field(default_factory=lambda: array("l"))
    shown: array[float] = field(default_factory=lambda: array("d"))

    @property
    def single(self) -> bool:
        return not self.chances


def by_key(name: str, choices: Choices, keys: Iterable[Key], chances_of: Callable[[Key], Chances]) -> Target:
    """A policy that chooses alike wherever the key (one for each choice, in turn) is the same."""
    target, known = Target(name), dict[Key, int]()
    for key in keys:
        number = known.get(key)
        if number is None:
            number = known[key] = len(target.chances)
            target.chances.append(chances_of(key))
        target.of.append(number)
    every = target.chances
    target.shown = array(
        "d", [every[of].get(action, 0.0) for of, action in zip(target.of, choices.action, strict=True)]
    )
    return target


def _sets(choices: Choices) -> Iterable[tuple[int, ...]]:
    """Which actions each choice was made from."""
    if choices.logged:
        return (tuple(each) for each in choices.logged)
    seen = [tuple(each) for each in choices.offered()]
    return (seen[place] for place in choices.place)


def random_policy(choices: Choices) -> Target:
    """Every action that might be shown is as likely as any other."""
    return by_key("random", choices, _sets(choices), lambda there: dict.fromkeys(there, 1 / len(there)))


def constant_policy(choices: Choices, name: str) -> Target:
    """Always the same action; nothing where it might not be shown. Raises BadRows when it was never seen."""
    number = choices.actions.known.get(name)
    if number is None:
        names = [str(each) for each in choices.actions.all]
        close = get_close_matches(name, names, 1)
        hint = f"Did you mean '{close[0]}'?" if close else f"There are {', '.join(sorted(names)[:8])}."
        raise BadRows("--policy", f"no action '{name}' was ever chosen from. {hint}")
    return by_key(f"constant:{name}", choices, _sets(choices), lambda there: {number: 1.0} if number in there else {})


def given_policy(choices: Choices) -> Target:
    """A policy of somebody else's, of which each row says the chance of what was shown."""
    if any(each != each for each in choices.target):
        raise BadRows("--policy given", "a row does not say its 'target'; name the column: --columns target=...")
    return Target("given", shown=choices.target)


def logged_policy(choices: Choices) -> Target:
    """What was done: its value is the mean reward."""
    return Target("logged", shown=choices.propensity)


def varied(name: str, choices: Choices, chances: Sequence[Chances]) -> Target:
    """A policy that says its chances for each choice in turn."""
    return by_key(name, choices, range(len(chances)), chances.__getitem__)
