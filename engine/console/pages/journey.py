"""One journey: its steps drawn with who is where, what each version does, and what an operator may do to it."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from engine.console.figures import Figures, counted
from engine.console.graph import END, START, draw
from engine.console.looking import voice
from engine.console.page import Ask, Page, Shown
from engine.console.pages.journeys import has_goal
from engine.console.rules import CHANNELS, KINDS, RULES
from engine.console.standings import Standings
from engine.console.ways import VERBS, about, beginning, ways
from engine.console.words import N_
from engine.model.errors import Conflict, SetupError
from engine.model.flags import EVERYTHING
from engine.model.plan import Journey
from engine.policy.standing import WAYS
from engine.runtime import stops
from engine.runtime.audit import note

MOST_TITLE = 27  # characters that fit into a box
_UNKNOWN = N_("There is no journey of this name.")


def journey(ask: Ask) -> Shown:
    """The page; `version` chooses which version is drawn. Beside it is the newest, or the one before."""
    return _shown(ask)


def _shown(ask: Ask, wrong: str = "", status: int = 200) -> Shown:
    name, found = ask.path["journey"], counted(ask.store)
    newest = ask.plan.journeys.get(name)
    versions = {version: figures for (each, version), figures in found.versions.items() if each == name and version}
    if newest is None and name not in found.journeys:
        raise ask.missing(_UNKNOWN)
    order = sorted(versions, key=lambda each: (newest is None or each != newest.version, -versions[each].all_started))
    if newest is not None and newest.version not in order:
        order.insert(0, newest.version)
    chosen = ask.query.get("version", "")
    chosen = chosen if chosen in order else order[0] if order else ""
    drawn = _steps(ask, newest, name, chosen)
    beside = next((each for each in order if each != chosen), "")
    pictures = [(chosen, drawn), (beside, _steps(ask, newest, name, beside))]
    standings = Standings.read(ask.store)
    return ask.shown(
        "journey.html",
        status=status,
        wrong=wrong,
        name=name,
        journey=drawn,
        goal=has_goal(newest, found.journeys.get(name)),
        newest=newest.version if newest is not None else "",
        chosen=chosen,
        versions=[(version, versions.get(version) or Figures()) for version in order],
        total=found.journeys.get(name) or Figures(),
        figures=versions.get(chosen) or Figures(),
        drawing=draw(drawn) if drawn is not None else None,
        pictures=[
            (version, steps, draw(steps), versions.get(version) or Figures(), beginning(steps))
            for version, steps in pictures
            if drawn is not None and steps is not None
        ],
        start=START,
        end=END,
        about=about,
        ways=ways,
        cut=_cut,
        verbs=VERBS,
        rules=RULES,
        kinds=KINDS,
        channels=CHANNELS,
        standing=standings.of(name),
        own=standings.by(name),
        everything=standings.by(EVERYTHING),
    )


def _steps(ask: Ask, newest: Journey | None, name: str, version: str) -> Journey | None:
    return newest if newest is not None and newest.version == version else _pinned(ask, name, version)


def _pinned(ask: Ask, name: str, version: str) -> Journey | None:
    """An older version, out of a plan that holds it; None when none does any more."""
    holder = ask.store.plan_of_journey(name, version) if version else ""
    if not holder:
        return None
    try:
        found = ask.engine.plans.at(holder).plan.journeys.get(name)
    except SetupError:
        return None
    return found if found is not None and found.version == version else None


def _cut(text: str, most: int = MOST_TITLE) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _operate(what: str, change: Callable[[Ask, str], object], done: str) -> Callable[[Ask], Shown | Response]:
    def act(ask: Ask) -> Shown | Response:
        name = ask.path["journey"]
        if name != EVERYTHING and name not in {*stops.known_names(ask.store), *ask.plan.journeys}:
            raise ask.missing(_UNKNOWN)
        try:
            change(ask, name)
        except Conflict as fault:
            note(ask.store, ask.now, "refused", ask.session.who, tried=what, why=fault.sentence(), journey=name)
            return (
                _shown(ask, voice(ask).tell(fault.words), 409)
                if name != EVERYTHING
                else ask.to("/journeys", done="nothing")
            )
        return ask.to("/journeys" if name == EVERYTHING else f"/journeys/{name}", done=done)

    return act


def _why(ask: Ask) -> str:
    return ask.form.get("why", "").strip()


def _pause(ask: Ask, name: str) -> None:
    stops.pause(ask.store, name, ask.session.who, _why(ask))


def _kill(ask: Ask, name: str) -> None:
    stops.kill(ask.store, name, ask.session.who, _why(ask))


def _resume(ask: Ask, name: str) -> None:
    given = ask.form.get("how", "")
    stops.resume(ask.store, name, next((way for way in WAYS if way == given), None), ask.session.who, _why(ask))


JOURNEY = (
    Page("/journeys/{journey}", journey, shared="all"),
    Page("/journeys/{journey}/pause", _operate("pause", _pause, "paused"), "operate", does=True),
    Page("/journeys/{journey}/kill", _operate("kill", _kill, "killed"), "operate", does=True),
    Page("/journeys/{journey}/resume", _operate("resume", _resume, "resumed"), "operate", does=True),
)
