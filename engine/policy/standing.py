"""What an operator says of one journey, or of everything: a new standing out of an old one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from msgspec import Struct

from engine.model.errors import Conflict
from engine.model.flags import EVERYTHING, Flags, How, Pause
from engine.model.words import Words

WAYS: tuple[How, ...] = get_args(How)
# Stops that are over and remembered: whoever was inside must have been looked at once before one is forgotten.
MOST_OVER = 20


class Standing(Struct, omit_defaults=True, frozen=True):
    """How a journey stands: `word` is '' (it runs), 'paused' or 'killed', `since` when (epoch ms) and `by` whom."""

    word: str = ""
    since: int = 0
    by: str = ""
    over: tuple[Pause, ...] = ()


RUNS = Standing()


def called(name: str) -> str:
    """A journey, or all of them, in a sentence."""
    return Words("everything") if name == EVERYTHING else name


def paused(name: str, standing: Standing, now: int, by: str) -> Standing:
    """The journey stands still from `now` on. Raises Conflict when it was stopped before."""
    if standing.word:
        raise Conflict(Words("{name} is {word} already.", name=called(name), word=Words(standing.word)))
    return Standing("paused", now, by, standing.over)


def killed(name: str, standing: Standing, now: int, by: str) -> Standing:
    """The journey is killed, paused or not. Raises Conflict when it was killed before."""
    if standing.word == "killed":
        raise Conflict(Words("{name} is killed already.", name=called(name)))
    return Standing("killed", now, by, standing.over)


def resumed(name: str, standing: Standing, how: How | None, now: int, by: str) -> Standing:
    """The journey goes on. `how` is for those who stand in a paused one; in a killed one nobody stands any more.

    Raises Conflict when the journey is not stopped, or when `how` is missing or makes no sense.
    """
    if not standing.word:
        raise Conflict(Words("{name} is neither paused nor killed.", name=called(name)))
    if standing.word == "paused" and how is None:
        raise Conflict(
            Words("Say how {name} goes on for those who stand in it: continue, shift or expire.", name=called(name))
        )
    if standing.word == "killed" and how is not None:
        raise Conflict(
            Words(
                "{name} was killed, and whoever was inside has ended: nobody is left to {how}. Resume it without "
                "that, and newcomers may start.",
                name=called(name),
                how=Words(how),
            )
        )
    over = Pause(standing.since, now, how or "killed")
    return Standing("", now, by, (*standing.over, over)[-MOST_OVER:])


def flags_of(standings: Mapping[str, Standing]) -> Flags:
    """What the core heeds of these standings, by journey."""
    return Flags(
        paused=frozenset(name for name, each in standings.items() if each.word == "paused"),
        killed=frozenset(name for name, each in standings.items() if each.word == "killed"),
        over={name: each.over for name, each in standings.items() if each.over},
    )
