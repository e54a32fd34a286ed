"""What is asked of `parcours decisions replay`, and its answer as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.define.folder import compile_folder, workspace_of
from engine.model.errors import SetupError
from engine.report.decisions.choices import BadRows, Choices
from engine.report.decisions.draft import draft_policy
from engine.report.decisions.estimate import Worth, worth
from engine.report.decisions.firsts import firsts
from engine.report.decisions.learner import Learnt, after_learning, as_it_learns
from engine.report.decisions.load import Installation, events_of, from_file
from engine.report.decisions.logged import Dataset, Logged
from engine.report.decisions.policies import Target, constant_policy, given_policy, random_policy
from engine.report.decisions.read import named_columns
from engine.report.decisions.reward_model import RewardModel

KNOWN = ("random", "constant:ACTION", "learner", "given")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options: see the command. `draws` 0: normal intervals."""

    policies: tuple[str, ...] = ()
    columns: str = ""
    by_value: bool = False
    level: float = 0.95
    draws: int = 0
    seed: str = "0"
    clip: float | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the policies are worth for each choice. `left_out` counts decisions that are no choice, by the reason."""

    choices: int
    customers: int
    actions: int
    reward: str
    level: float
    interval: str
    clip: float | None
    policies: tuple[Worth, ...]
    learner: Learnt | None
    left_out: dict[str, int]


def replayed(
    wanted: Wanted, running: Installation | None, file: Path | None, draft: Path | None, events: Path | None
) -> Replayed:
    """The answer. `running` is the installation where `file` or `events` are not given. Raises BadRows."""
    found = from_file(file, named_columns(wanted.columns)) if file is not None else _of(running).decisions()
    chosen: Sequence[Logged] = ()
    ours = isinstance(found, Dataset)
    if isinstance(found, Dataset):
        choices, chosen = firsts(found.decisions, "value" if wanted.by_value else "accepted")
    else:
        choices = found
    if not len(choices):
        said = "; ".join(f"{count:,} decisions: {why}" for why, count in choices.left_out.items()) or "it is empty"
        raise BadRows(str(file) if file is not None else "the logs", f"there is no choice to learn from ({said})")
    names = _names(wanted, choices, ours, draft)
    learns = "learner" in names and not ours
    targets = [_target(name, choices, ours) for name in names if not (learns and name == "learner")]
    if draft is not None:
        if not ours:
            raise BadRows("--draft", "impressions from elsewhere do not say who the customers were: name a --policy")
        compiled = compile_folder(workspace_of(draft)).sound()
        given = events_of(events, compiled.plan) if events is not None else _of(running).events()
        targets.append(draft_policy(compiled, choices, chosen, given))
    if learns:
        targets.append(after_learning(choices))
    model = RewardModel(choices)
    return Replayed(
        choices=len(choices),
        customers=len(choices.customers.all),
        actions=len(choices.actions.all),
        reward=_reward(wanted, ours),
        level=wanted.level,
        interval=f"bootstrap of {wanted.draws:,} draws, seed {wanted.seed}" if wanted.draws else "normal",
        clip=wanted.clip,
        policies=tuple(
            worth(choices, each, model, level=wanted.level, clip=wanted.clip, draws=wanted.draws, seed=wanted.seed)
            for each in targets
        ),
        learner=as_it_learns(choices, level=wanted.level, seed=wanted.seed) if learns else None,
        left_out=choices.left_out,
    )


def _of(running: Installation | None) -> Installation:
    if running is None:
        raise SetupError("There is no installation to ask: name a FILE, and --events for a draft.")
    return running


def _names(wanted: Wanted, choices: Choices, ours: bool, draft: Path | None) -> list[str]:
    """The policies that are asked for; of impressions from elsewhere those that can always be asked for."""
    if wanted.policies or draft is not None:
        return list(dict.fromkeys(wanted.policies))
    if ours:
        return ["random"]
    given = all(each == each for each in choices.target)
    return ["given", "random", "learner"] if given else ["random", "learner"]


def _target(name: str, choices: Choices, ours: bool) -> Target:
    if name == "random":
        return random_policy(choices)
    if name == "given" and not ours:
        return given_policy(choices)
    if name.startswith("constant:"):
        return constant_policy(choices, name.removeprefix("constant:"))
    if name in KNOWN:
        raise BadRows("--policy", f"'{name}' is for impressions from elsewhere; for decisions of ours there is --draft")
    raise BadRows("--policy", f"'{name}' is no policy. There are {', '.join(KNOWN)}.")


def _reward(wanted: Wanted, ours: bool) -> str:
    if not ours:
        return "reward"
    return "value of what was accepted" if wanted.by_value else "accepted"
