"""Reading what a channel app asks: bounded, and refused with what to write instead."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping
from typing import Any

from engine.api.problem import Refused
from engine.define.doc import did_you_mean
from engine.define.identifiers import spelled, wrong
from engine.journey.identity import Link
from engine.model.plan import Plan
from engine.runtime.asking.question import Question

FIELDS = (
    *("profile", "profiles", "placement", "placements", "context", "limit", "request_id", "explain", "budget_ms"),
)
MOST_PROFILES = 100
MOST_PLACEMENTS = 20
MOST_LIMIT = 50
MOST_CONTEXT = 50
MOST_ITEMS = 100
LONGEST = 200
LONGEST_TEXT = 1_000
LEAST_MS, MOST_MS = 5, 10_000
_PROFILE = re.compile(r"c[0-9a-f]{24}")
EXAMPLE = 'Write {"profile": {"customer_id": "ana"}, "placement": "web.home"}.'


def read_questions(plan: Plan, body: Any, budget: float) -> list[Question | Refused]:
    """The questions of a request's body: one, or for `profiles` one each, in which a profile that cannot be read has
    its refusal. `budget` is the time that there is unless the body says otherwise (s).

    Raises Refused 422, 413 for what no answer can be given to.
    """
    if not isinstance(body, Mapping):
        raise _bad("", f"An object is wanted. {EXAMPLE}")
    for name in body:
        if name not in FIELDS:
            raise _bad(str(name)[:60], f"is not part of a question. {did_you_mean(str(name), FIELDS)}".strip())
    several = "profiles" in body
    if ("profile" in body) == several:
        raise _bad("profile", f"say who it is about: profile, or profiles for several. {EXAMPLE}")
    placements, context = _placements(plan, body), _context(body.get("context"))
    _declared(plan, context)
    whole = Question(
        placements=placements,
        context=context,
        limit=_number(body, "limit", 0, MOST_LIMIT),
        request=_request(body, several),
        explain=_yes_or_no(body, "explain"),
        budget=(_number(body, "budget_ms", LEAST_MS, MOST_MS) or budget * 1000) / 1000,
    )
    if not several:
        return [_about(plan, whole, body["profile"], "profile")]
    profiles = body["profiles"]
    if not isinstance(profiles, list) or not profiles:
        raise _bad("profiles", "a list of one or more customers is wanted")
    if len(profiles) > MOST_PROFILES:
        raise Refused(413, "Too many", f"{len(profiles):,} profiles in one request; {MOST_PROFILES} are the most.")
    found: list[Question | Refused] = []
    for index, each in enumerate(profiles):
        try:
            found.append(_about(plan, whole, each, f"profiles[{index}]"))
        except Refused as fault:
            found.append(fault)
    return found


def _about(plan: Plan, whole: Question, who: Any, field: str) -> Question:
    profile, links = who_is(plan, who, field)
    return Question(
        whole.placements,
        links,
        profile,
        whole.context,
        whole.limit,
        whole.request,
        whole.explain,
        whole.budget,
        secrets.token_hex(16),
    )


def who_is(plan: Plan, who: Any, field: str) -> tuple[str, tuple[Link, ...]]:
    """The id of a profile, or identifiers in the order of their strength; neither for null: nobody is known."""
    vocabulary = plan.vocabulary
    names = tuple(vocabulary.identifiers)
    if who is None:
        return "", ()
    if isinstance(who, str):
        name, colon, value = who.partition(":")
        if colon and name in names:
            who = {name: value}
        elif _PROFILE.fullmatch(who):
            return who, ()
        else:
            hint = f"Write '{names[0]}:...', one of {', '.join(names)}, or an object of them."
            raise _bad(field, f"'{who[:60]}' names nobody. {hint}")
    if not isinstance(who, Mapping) or not who:
        raise _bad(field, f"an object of identifiers is wanted, such as {{'{names[0]}': '...'}}; null for a stranger")
    links: list[Link] = []
    for name, value in who.items():
        if name not in names:
            raise _bad(f"{field}.{str(name)[:60]}", f"is no identifier. {did_you_mean(str(name), names)}".strip())
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
            value = str(value)
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST or not _clean(value):
            raise _bad(f"{field}.{name}", f"a text of up to {LONGEST} characters is wanted")
        one = spelled(vocabulary, name, value)
        if one is None:
            raise _bad(f"{field}.{name}", wrong(vocabulary, name))
        links.append((name, one))
    return "", tuple(sorted(links, key=lambda link: names.index(link[0])))


def _placements(plan: Plan, body: Mapping[str, Any]) -> tuple[str, ...]:
    if ("placement" in body) == ("placements" in body):
        raise _bad("placement", f"say where it is shown: placement, or placements for several. {EXAMPLE}")
    written = [body["placement"]] if "placement" in body else body["placements"]
    if not isinstance(written, list) or not written:
        raise _bad("placements", "a list of one or more placements is wanted")
    if len(written) > MOST_PLACEMENTS:
        raise Refused(413, "Too many", f"{len(written):,} placements in one request; {MOST_PLACEMENTS} are the most.")
    found = []
    for name in written:
        if not isinstance(name, str) or name not in plan.placements:
            raise _bad("placement", f"no placement '{str(name)[:60]}'. {_near(str(name), plan.placements)}")
        found.append(name)
    return tuple(dict.fromkeys(found))


def _near(name: str, known: Collection[str]) -> str:
    if not known:
        return "The workspace declares none: journeys/placements.yaml does."
    return did_you_mean(name[:60], known) or f"There are: {', '.join(sorted(known)[:20])}."


def _context(written: Any) -> dict[str, Any]:
    if written is None:
        return {}
    if not isinstance(written, Mapping):
        raise _bad("context", 'an object is wanted: {"intent": "browse"}')
    if len(written) > MOST_CONTEXT:
        raise _bad("context", f"{len(written):,} keys; {MOST_CONTEXT} are the most")
    for name, value in written.items():
        if len(name) > LONGEST or not _clean(name):
            raise _bad("context", f"a key has up to {LONGEST} characters")
        items = value if isinstance(value, list) else [value]
        if len(items) > MOST_ITEMS:
            raise _bad(f"context.{name[:60]}", f"{len(items):,} items; {MOST_ITEMS} are the most")
        for item in items:
            _plain(f"context.{name[:60]}", item)
    return {name: value for name, value in written.items() if value is not None}


def _declared(plan: Plan, context: Mapping[str, Any]) -> None:
    """Where placements declare what may be said of the moment, nothing else may: a slip would go unnoticed."""
    known = {name for placement in plan.placements.values() for name in placement.context}
    if not known:
        return
    known |= {kind.id for kind in plan.vocabulary.objects.values()}
    for name in context:
        if name not in known:
            hint = did_you_mean(name[:60], known) or f"There are: {', '.join(sorted(known))}."
            raise _bad(f"context.{name[:60]}", f"is not declared by any placement. {hint}")


def _plain(field: str, value: Any) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT or not _clean(value):
            raise _bad(field, f"a text has up to {LONGEST_TEXT:,} characters, none of them a control character")
    elif isinstance(value, int | float):
        if not abs(value) <= 1e15:
            raise _bad(field, "a number up to 1e15 is wanted")
    else:
        raise _bad(field, "a text, a number, true, false or a list of these is wanted")


def _request(body: Mapping[str, Any], several: bool) -> str:
    value = body.get("request_id")
    if value is None:
        return ""
    if several:
        raise _bad("request_id", "belongs to a question about one customer: leave it out with profiles")
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST or not _clean(value):
        raise _bad("request_id", f"a text of up to {LONGEST} characters is wanted")
    return value


def _number(body: Mapping[str, Any], name: str, least: int, most: int) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _bad(name, f"a whole number from {least} to {most:,} is wanted")
    return value


def _yes_or_no(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise _bad(name, "true or false is wanted")
    return value


def _clean(text: str) -> bool:
    """Can it be written as UTF-8, and holds no sign that hides?"""
    return not any("\ud800" <= sign <= "\udfff" or sign == "\x00" for sign in text)


def _bad(field: str, detail: str) -> Refused:
    said = f"{field}: {detail}" if field else detail
    return Refused(422, "Not a question", said if said.endswith((".", "?")) else f"{said}.", field=field)
