"""A made-up quarter of what an engine did: runs with messages, prices that were said, answers and what became of them.
The same every time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from duckdb import DuckDBPyConnection

from engine.model.span import DAY, HOUR, MINUTE
from engine.report.archive.tables import TABLES
from tests.unit.report.measures.small import START, Small

CHANNELS = ("email", "push", "sms", "store")


@dataclass
class Doings(Small):
    """The rows of all tables that the measures about the engine read."""

    commands: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    decisions: list[dict[str, Any]] = field(default_factory=list)

    def database(self) -> DuckDBPyConnection:
        """The same database, filled in few statements: row by row takes twenty seconds."""
        db = Small().database()
        for table in TABLES:
            rows: list[dict[str, Any]] = getattr(self, table.name, [])
            names = [each.name for each in table.columns]
            empty = {each.name: "" if each.type == "VARCHAR" else None for each in table.columns}
            whole = [[(empty | row)[name] for name in names] for row in rows]
            for first in range(0, len(whole), 200):
                page = whole[first : first + 200]
                marks = ", ".join(f"({', '.join('?' * len(names))})" for _ in page)
                db.execute(f"INSERT INTO {table.name} VALUES {marks}", [cell for row in page for cell in row])
        return db


def doings() -> Doings:
    """Forty customers, their acts, 150 runs, 400 answers; some of it before the window, after it, dead or merged."""
    chance, made = Random(7), Doings()
    for _ in range(500):
        happened = START + chance.randrange(-10 * DAY, 100 * DAY)
        received = happened + chance.choice([0, 5, chance.randrange(HOUR)])
        channel, event = chance.choice([*CHANNELS, "web", ""]), chance.choice(["seen", "order_placed", "delivered"])
        made.did(
            f"c{chance.randrange(40)}",
            happened,
            event,
            channel,
            _received=received,
            _depth=chance.random() < 0.05,
            _decided=received + chance.randrange(3 * MINUTE),
            _dead=chance.random() < 0.05,
        )
    for number in range(150):
        _run(made, chance, number)
    for number in range(400):
        _answer(made, chance, number)
    made.came("c1", START + 50 * DAY, "merged", {"from": "c2"}, id="")
    return made


def _run(made: Doings, chance: Random, number: int) -> None:
    """One run, in a stretch of time of its own for its customer, journey and key."""
    who, at = f"c{number % 40}", START + (number // 40) * 30 * DAY - 12 * DAY + chance.randrange(5 * DAY)
    name, version = chance.choice(["j", "k"]), chance.choice(["v1", "v1", "v2"])
    key, out = chance.choice(["", "b1"]), name == "j" and number % 3 == 0
    told: dict[str, Any] = {"journey": name, "version": version, "key": key}
    made.came(who, at, "started", {"arm": "holdout"} if out else None, id=f"r{number}", **told)
    for step in ("send:m1", "send:m2")[: chance.randrange(3)]:
        at += chance.randrange(3 * DAY)
        made.steps.append(
            {"profile": who, "decided": at, "step": "wait:1d", "verb": "wait", "id": f"r{number}", **told}
        )
        _message(made, chance, who, at, f"m{number}{step}", out, step=step, **told)
    if chance.random() < 0.8:
        rule = chance.choice(["goal", "completed", "stop_if"])
        made.came(who, at + 4 * DAY, "ended", id=f"r{number}", rule=rule, **told)


def _message(made: Doings, chance: Random, who: str, at: int, id_: str, out: bool, **told: Any) -> None:
    given: dict[str, Any] = {"id": id_, "purpose": chance.choice(["marketing", "marketing", "service", ""]), **told}
    if out:
        made.came(who, at, "held_out", rule="holdout", **given)
        return
    for _ in range(chance.choice([0, 0, 1, 2])):
        made.came(who, at, "held", rule=chance.choice(["quiet_hours", "cap"]), channel="email", **given)
        at += chance.randrange(12 * HOUR)
    kind = chance.choice(["sent", "sent", "sent", "refused", "expired", ""])
    channel = chance.choice(CHANNELS)
    for attempt in range(chance.choice([1, 1, 2])):
        figures = _figures(chance)
        heard = {"provider": "p", **({"figures": figures} if figures else {})}
        row = {"profile": who, "decided": at, "command": "leave", "id": id_, "n": attempt, "place": 0}
        made.commands.append(row | {"given": json.dumps(["leave", id_, heard])})
    if kind:
        made.came(who, at, kind, rule=chance.choice(["consent", "cap", ""]), channel=channel, **given)


def _figures(chance: Random) -> dict[str, float]:
    names = chance.sample(["products/boots.price", "products/hat.price", "offers/spring.amount"], chance.randrange(3))
    return {name: chance.choice([10.0, 10.0, 12.5]) for name in names}


def _answer(made: Doings, chance: Random, number: int) -> None:
    who, at = chance.choice(["c0", "c1", "c2", "c3", ""]), START + chance.randrange(-5 * DAY, 95 * DAY)
    shown = chance.sample(["a", "b", "c"], chance.randrange(4))
    candidates = [_candidate(chance, each) for each in shown]
    figures = _figures(chance)
    made.decisions.append(
        {
            "profile": who,
            "decided": at,
            "id": f"d{number}",
            "channel": chance.choice(["web", "store"]),
            "shown": shown,
            "candidates": json.dumps(candidates),
            "figures": json.dumps(figures),
            "placement": "p",
        }
    )
    for action in shown:
        if chance.random() < 0.6:
            outcome = chance.choice(["shown", "accepted", "declined", "not_relevant"])
            named = {"decision": f"d{number}"} if chance.random() < 0.7 else {}
            late = at + chance.randrange(2 * DAY)
            made.did(
                who or "c0",
                late,
                "action_outcome",
                "web",
                action=action,
                outcome=outcome,
                **named,
                _received=late,
                _decided=late,
            )


def _candidate(chance: Random, action: str) -> dict[str, Any]:
    believed = chance.random() < 0.7
    wins, losses = (float(chance.randrange(1, 9)), float(chance.randrange(1, 9))) if believed else (0.0, 0.0)
    return {"action": action, "propensity": round(chance.random(), 2), "wins": wins, "losses": losses, "context": 1.0}
