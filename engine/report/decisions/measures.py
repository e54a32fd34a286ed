"""Measures of logged decisions: what was accepted, how well that was foreseen, what was left out, who wins."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from engine.model.decision import Candidate, Decision
from engine.policy.wallclock import to_local
from engine.report.decisions.interval import LEVEL, Estimate, wilson
from engine.report.decisions.logged import Dataset, Logged
from engine.report.decisions.uplift import Uplift, uplift

BINS = 10
FEWEST = 20
SAME = 1e-9
FACTORS = ("propensity", "context", "value", "boost")


class Offer(NamedTuple):
    """One action that one decision showed, at its rank (1 = first)."""

    logged: Logged
    rank: int
    action: str

    @property
    def said(self) -> dict[str, int]:
        return self.logged.outcomes.get(self.action, {})


def offers(them: Sequence[Logged]) -> Iterator[Offer]:
    for each in them:
        for rank, action in enumerate(each.decision.shown, start=1):
            yield Offer(each, rank, action)


@dataclass(frozen=True, slots=True)
class Accepted:
    """How often what has `name` in common was offered, reported as seen, accepted, declined (or not relevant)."""

    name: str
    offered: int
    seen: int
    accepted: int
    declined: int
    share: Estimate


# What offers are told apart by; periods by the workspace's clock.
KEYS: dict[str, Callable[[Offer, str], str]] = {
    "action": lambda each, zone: each.action,
    "rank": lambda each, zone: str(each.rank),
    "channel": lambda each, zone: each.logged.decision.channel,
    "placement": lambda each, zone: each.logged.decision.placement,
    "segment": lambda each, zone: each.logged.decision.segment or "(none)",
    "day": lambda each, zone: to_local(each.logged.decision.at, zone).strftime("%Y-%m-%d"),
    "week": lambda each, zone: to_local(each.logged.decision.at, zone).strftime("%G-W%V"),
    "month": lambda each, zone: to_local(each.logged.decision.at, zone).strftime("%Y-%m"),
}


def acceptance(them: Sequence[Logged], by: str, level: float = LEVEL, zone: str = "UTC") -> list[Accepted]:
    """The offers, told apart by one of KEYS, in its order."""
    groups: dict[str, list[Offer]] = defaultdict(list)
    for each in offers(them):
        groups[KEYS[by](each, zone)].append(each)
    return [_accepted(name, groups[name], level) for name in sorted(groups, key=_as_number)]


def _as_number(text: str) -> tuple[int, str]:
    return (int(text), "") if text.isdecimal() else (0, text)


def _accepted(name: str, them: list[Offer], level: float) -> Accepted:
    accepted = sum("accepted" in each.said for each in them)
    declined = sum("declined" in each.said or "not_relevant" in each.said for each in them)
    seen = sum(bool(each.said) for each in them)
    return Accepted(name, len(them), seen, accepted, declined, wilson(accepted, len(them), level))


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Offers whose predicted propensity lies in one tenth: how many, the mean prediction, what was accepted."""

    low: float
    high: float
    offered: int
    predicted: float
    observed: Estimate


@dataclass(frozen=True, slots=True)
class Calibration:
    """By tenths of the predictions; `brier` is the mean squared error, `error` the expected calibration error."""

    offered: int
    brier: float
    error: float
    bins: tuple[Foreseen, ...]


def predicted(each: Candidate) -> float:
    """What was expected: the mean of the belief, and not what was drawn from it."""
    return each.wins / (each.wins + each.losses) if each.wins + each.losses else each.propensity


def calibration(them: Sequence[Logged], level: float = LEVEL) -> Calibration | None:
    """Predicted against accepted, in (at most) tenths of about equally many offers; None where nothing was offered.

    Offers of which the same was predicted stay in one part.
    """
    pairs = []
    for each in offers(them):
        candidate = next((c for c in each.logged.decision.candidates if c.action == each.action), None)
        if candidate is not None:
            pairs.append((predicted(candidate), "accepted" in each.said))
    return calibrated(pairs, level)


def calibrated(pairs: list[tuple[float, bool]], level: float = LEVEL) -> Calibration | None:
    """The same of pairs of what was predicted and whether it was accepted. They are put in order in place."""
    if not pairs:
        return None
    pairs.sort()
    count = len(pairs)
    # where there are few offers, or few different predictions, tenths would show nothing but their own noise
    parts = max(1, min(BINS, count // FEWEST, len({each for each, _ in pairs})))
    bins = []
    start = end = 0
    for number in range(1, parts + 1):
        end = max(end, number * count // parts)
        # what was accepted must have no say in where a part ends, nor the order in which offers were logged
        while 0 < end < count and pairs[end][0] - pairs[end - 1][0] < SAME:
            end += 1
        part, start = pairs[start:end], end
        if part:
            mean = sum(p for p, _ in part) / len(part)
            observed = wilson(sum(hit for _, hit in part), len(part), level)
            bins.append(Foreseen(part[0][0], part[-1][0], len(part), mean, observed))
    brier = sum((p - hit) ** 2 for p, hit in pairs) / count
    error = sum(each.offered * abs(each.predicted - each.observed.value) for each in bins) / count
    return Calibration(count, brier, error, tuple(bins))


@dataclass(frozen=True, slots=True)
class Nothing:
    """Decisions that showed nothing, or only the fallback; `why`: what had taken the actions out, by (stage, word)."""

    decisions: int
    nothing: Estimate
    fallback: Estimate
    why: tuple[tuple[str, str, int], ...]
    removed: tuple[tuple[str, str, int], ...]


def nothing(them: Sequence[Logged], level: float = LEVEL) -> Nothing:
    """How often there was no action, and why; `removed` is the same over all decisions."""
    empty = [each.decision for each in them if not each.decision.shown]
    fallback = [each.decision for each in them if each.decision.fallback]
    return Nothing(
        len(them),
        wilson(len(empty), len(them), level),
        wilson(len(fallback), len(them), level),
        _removals([*empty, *fallback]),
        _removals([each.decision for each in them]),
    )


def _removals(them: Sequence[Decision]) -> tuple[tuple[str, str, int], ...]:
    counts = Counter((each.stage, each.rule) for decision in them for each in decision.removed)
    return tuple((stage, rule, count) for (stage, rule), count in counts.most_common())


@dataclass(frozen=True, slots=True)
class Contest:
    """In how many decisions an action was a candidate, in how many it came first, and to whom it lost how often."""

    action: str
    candidate: int
    first: int
    share: Estimate
    lost_to: tuple[tuple[str, int], ...]


def contests(them: Sequence[Logged], level: float = LEVEL) -> list[Contest]:
    """Who wins against whom, among candidates; the most frequent winners first."""
    entered: Counter[str] = Counter()
    lost: dict[str, Counter[str]] = defaultdict(Counter)
    for each in them:
        candidates = each.decision.candidates
        for candidate in candidates:
            entered[candidate.action] += 1
            if candidate is not candidates[0]:
                lost[candidate.action][candidates[0].action] += 1
    found = []
    for action, times in entered.items():
        first = times - lost[action].total()
        found.append(Contest(action, times, first, wilson(first, times, level), tuple(lost[action].most_common())))
    return sorted(found, key=lambda each: (-each.first, each.action))


def sensitivity(them: Sequence[Logged], level: float = LEVEL) -> dict[str, tuple[int, Estimate]]:
    """For each factor: of how many decisions, and the share whose first action is another when it is neutral.

    Asked of decisions with more than one candidate whose first place the score has decided.
    """
    asked = [
        each.decision.candidates
        for each in them
        if len(each.decision.candidates) > 1
        and not (each.decision.candidates[0].mandatory or each.decision.candidates[0].kept)
        and not each.decision.candidates[0].chance
    ]
    found = {}
    for factor in FACTORS:
        changed = sum(_best(candidates, factor) != _best(candidates) for candidates in asked)
        found[factor] = len(asked), wilson(changed, len(asked), level)
    return found


def _best(candidates: Sequence[Candidate], neutral: str = "") -> str:
    def order(each: Candidate) -> tuple[float, float, float, str]:
        score = 1.0
        for factor in FACTORS:
            score *= 1.0 if factor == neutral else getattr(each, factor)
        boost = 1.0 if neutral == "boost" else each.boost
        return -score, -boost, -(1.0 if neutral == "value" else each.value), each.action

    return min(candidates, key=order).action


@dataclass(frozen=True, slots=True)
class Measured:
    """All measures of some decisions."""

    decisions: int
    customers: int
    first: int | None
    last: int | None
    level: float
    acceptance: dict[str, list[Accepted]]
    calibration: Calibration | None
    nothing: Nothing
    contests: list[Contest]
    sensitivity: dict[str, tuple[int, Estimate]]
    uplift: list[Uplift]


def measured(data: Dataset, *, level: float = LEVEL, period: str = "week", zone: str = "UTC") -> Measured:
    """Every measure there is. `period` is day, week or month; days are those of `zone`."""
    them = data.decisions
    return Measured(
        decisions=len(them),
        customers=len({each.decision.profile for each in them}),
        first=them[0].decision.at if them else None,
        last=them[-1].decision.at if them else None,
        level=level,
        acceptance={
            by: acceptance(them, by, level, zone)
            for by in ("action", "rank", "channel", "placement", "segment", period)
        },
        calibration=calibration(them, level),
        nothing=nothing(them, level),
        contests=contests(them, level),
        sensitivity=sensitivity(them, level),
        uplift=uplift(data, level),
    )
