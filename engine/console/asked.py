"""What a placement would answer, as a page shows it: the ranking with its factors, and why everything else is out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.console.plain import calm, value
from engine.model.plan import Plan
from engine.policy.wallclock import customer_zone
from engine.runtime.asking.rehearsal import Rehearsed
from engine.runtime.quotes import Quotes
from engine.runtime.telling import observed, reason
from engine.runtime.voice import N_, Voice

# In the order in which they are asked, with what each asks.
STAGES: dict[str, tuple[str, str]] = {
    "placement": (N_("Elsewhere"), N_("Is it made for this place?")),
    "eligibility": (N_("Not eligible"), N_("May they have it?")),
    "applicability": (N_("Does not apply"), N_("Does it make sense now?")),
    "suitability": (N_("Not suitable"), N_("Is it good for them?")),
    "contact_policy": (N_("Contact policy"), N_("May it be said to them now?")),
    "ramp": (N_("Not yet for everybody"), N_("Is it new, and shown to a share of customers?")),
    "rendering": (N_("No words"), N_("Can it be put into words?")),
    "time": (N_("Out of time"), N_("Was there time to choose?")),
    "arbitration": (N_("Outranked"), N_("Is there room for it?")),
}


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of a score; `size` from 0 to 1 is how it compares with the largest of the answer."""

    name: str
    value: float
    size: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """An action of the answer, and what is said: `content` by part."""

    rank: int
    action: str
    purpose: str
    score: float
    size: float
    factors: tuple[Factor, ...]
    why: tuple[str, ...]
    kept: bool
    mandatory: bool
    content: tuple[tuple[str, str], ...]
    locale: str
    place: str
    quote: str


@dataclass(frozen=True, slots=True)
class Out:
    """An action that is not in the answer: the rule's word, what was observed, and where the rule is written."""

    action: str
    rule: str
    seen: str
    place: str
    quote: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage that took actions out: its title, and the question it asks."""

    name: str
    title: str
    asks: str
    out: tuple[Out, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """`rules` are those that hold, with the marks they give; `fallback`: nothing was left, and this is shown then."""

    placement: str
    channel: str
    fallback: bool
    arm: str
    ranked: tuple[Ranked, ...]
    stages: tuple[Stage, ...]
    rules: tuple[tuple[str, str, str], ...]
    marks: tuple[str, ...]
    considered: int


def answered(made: Rehearsed, quotes: Quotes, voice: Voice, now: int) -> Answered:
    """The answer of the one placement that was asked."""
    body, plan = made.body["decisions"][0], made.running.plan
    zone = customer_zone(made.profile, plan.policies)
    top = max((each["score"] for each in body["actions"]), default=0.0)
    ranked = tuple(_ranked(each, body["actions"], top, plan, quotes, voice) for each in body["actions"])

    def out(each: Mapping[str, str]) -> Out:
        rule = reason(each["rule"], zone, now, voice) if each["rule"] != each["stage"] else ""
        seen = calm(observed(each["observed"], zone, now, voice))
        return Out(each["action"], rule, seen, each["place"], quotes.line(each["place"], plan.fingerprint))

    removed = body["removed"]
    names = [*STAGES, *sorted({each["stage"] for each in removed} - STAGES.keys())]
    stages = []
    for name in names:
        found = tuple(out(each) for each in removed if each["stage"] == name)
        title, asks = STAGES.get(name, (name, ""))
        if found:
            stages.append(Stage(name, voice.say(title), voice.say(asks) if asks else "", found))
    return Answered(
        placement=body["placement"],
        channel=body["channel"],
        fallback=body["fallback"],
        arm=body.get("arm", ""),
        ranked=ranked,
        stages=tuple(stages),
        rules=tuple(
            (each["rule"], each["place"], quotes.line(each["place"], plan.fingerprint)) for each in body["rules"]
        ),
        marks=tuple(body["marks"]),
        considered=len(ranked) + len(removed),
    )


def _ranked(
    each: Mapping[str, Any], all_: Sequence[Mapping[str, Any]], top: float, plan: Plan, quotes: Quotes, voice: Voice
) -> Ranked:
    names = {
        "propensity": N_("Propensity"),
        "context": N_("Context"),
        "value": N_("Value"),
        "boost": N_("Boost"),
    }
    made = each["factors"]
    most = {name: max(float(one["factors"][name]) for one in all_) for name in names}
    factors = tuple(
        Factor(voice.say(text), float(made[name]), float(made[name]) / most[name] if most[name] else 0.0)
        for name, text in names.items()
    )
    action = plan.actions.get(each["action"])
    place = str(action.place) if action is not None and action.place.line else ""
    return Ranked(
        rank=each["rank"],
        action=each["action"],
        purpose=each["purpose"],
        score=float(each["score"]),
        size=float(each["score"]) / top if top else 0.0,
        factors=factors,
        why=tuple(calm(voice.read(str(why))) for why in made["why"]),
        kept=each["kept"],
        mandatory=each["mandatory"],
        content=tuple((name, value(part, 2_000)) for name, part in each["content"].items() if name != "html"),
        locale=each["locale"],
        place=place,
        quote=quotes.line(place, plan.fingerprint),
    )
