"""One household in the shop, on the web, in the app and on the telephone: four places ask, and get one answer.

`python -m examples.grocer.one_answer` tells it. The baskets and coupons are the household's real ones (see
`events.py`); what is said at the four places is made up, and so is the complaint.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from engine.define.events import read_event
from engine.define.folder import compile_folder
from engine.define.workspace import Compiled
from engine.journey.ask import ask
from engine.model.action import Asked
from engine.model.flags import Flags
from engine.model.record import Record
from engine.testing.lessons import MemoryLessons
from engine.testing.simulator import Simulator
from examples.grocer.events import Line, events
from examples.grocer.source import ZONE

HOUSEHOLD = 588
WHO = {
    "store.till": "The till asks",
    "web.home": "The home page asks",
    "app.home": "The app asks",
    "call_centre": "The call centre asks",
}
CHANNEL = {"store.till": "store", "web.home": "web", "app.home": "app", "call_centre": "phone"}


@dataclass(frozen=True, slots=True)
class Asks:
    """A place asks what to say; `without` names actions whose absence is worth a line."""

    place: str
    context: Mapping[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Says:
    """What became of an action at a place: it was shown there, or the household answered."""

    place: str
    action: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Tells:
    """Something else happens, in words and as an event."""

    text: str
    event: str
    channel: str
    properties: Mapping[str, Any]


Scene = tuple[str, tuple[Asks | Says | Tells, ...]]
"""A moment by the shop's clock, and what happens then."""

SCENES: tuple[Scene, ...] = (
    (
        "2017-11-01 17:00",
        (
            Asks("store.till", without=("turkey_order",)),
            Says("store.till", "coupon_at_hand", "shown"),
        ),
    ),
    (
        "2017-11-01 20:00",
        (
            Asks("web.home"),
            Says("web.home", "coupon_at_hand", "shown"),
            Says("web.home", "baby_corner", "shown"),
            Says("web.home", "baby_corner", "declined"),
        ),
    ),
    ("2017-11-02 08:00", (Asks("app.home", without=("baby_corner",)), Asks("call_centre", without=("baby_corner",)))),
    ("2017-11-03 17:00", (Asks("store.till", without=("coupon_at_hand", "pet_food_again")), Asks("app.home"))),
    (
        "2017-11-06 11:00",
        (
            Asks("web.home"),
            Asks("web.home", {"intent": "delivery"}),
            Tells("A complaint on the telephone: a jar was broken.", "case_opened", "phone", {"case_id": "k1"}),
            Asks("call_centre", without=("turkey_order",)),
            Asks("web.home"),
            Asks("store.till", without=("turkey_order",)),
        ),
    ),
    ("2017-11-07 15:00", (Tells("The complaint is settled.", "case_closed", "phone", {"case_id": "k1"}),)),
    ("2017-11-09 12:00", (Asks("app.home", without=("turkey_order", "tell_the_manager")),)),
    ("2017-11-12 12:00", (Asks("app.home", without=("tell_the_manager",)), Asks("store.till"))),
)


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: the actions shown, best first, and the reason of each that is left out."""

    shown: Sequence[str]
    out: Mapping[str, str]


class Shop(Protocol):
    """Where the places ask and the events go: virtual time, or the engine over HTTP."""

    def happens(self, line: Line) -> Sequence[Record]:
        """An event; what journeys did up to it and because of it."""
        ...

    def until(self, at: int) -> Sequence[Record]:
        """Let time pass up to epoch ms; what journeys did meanwhile."""
        ...

    def asks(self, place: str, context: Mapping[str, Any]) -> Told:
        """What a place is told of the household now."""
        ...


class Virtual:
    """The shop in virtual time. Chance is left out, as in stories: what was learned counts on average."""

    def __init__(self, compiled: Compiled) -> None:
        self.records: list[Record] = []
        self._shop = Simulator(compiled.plan, compiled.renderer.render, self.records.append)
        self._shop.lessons = MemoryLessons(compiled.plan.policies.learning.half_life, draws=False)
        self._shop.operate(Flags())

    def happens(self, line: Line) -> Sequence[Record]:
        self._shop.feed(read_event(self._shop.plan.vocabulary, line, None))
        return self._news()

    def until(self, at: int) -> Sequence[Record]:
        self._shop.run_until(at)
        return self._news()

    def asks(self, place: str, context: Mapping[str, Any]) -> Told:
        shop = self._shop
        (profile,) = shop.profiles.values()
        found = ask(shop.plan, profile, Asked(place, context), shop.now, shop.flags)
        out = {each.action: f"{each.rule or each.stage}: {each.observed} ({each.place})" for each in found.removed}
        return Told([each.action.name for each in found.ranked], out)

    def _news(self) -> Sequence[Record]:
        news, self.records[:] = list(self.records), []
        return news


def conversation(
    shop: Shop, household: int = HOUSEHOLD, scenes: Sequence[Scene] = SCENES, since: str = ""
) -> Iterator[str]:
    """The household's year (from the day `since`) up to the first scene, then the scenes, as lines.

    Raises SetupError without the data.
    """
    zone = ZoneInfo(ZONE)
    real = [line for line in events([household]) if line["at"] >= since or line["event"] != "order_placed"]
    begin, number, said = _instant(scenes[0][0], zone), 0, set[str]()
    while real and _at(real[0]) <= begin:
        shop.happens(real.pop(0))
    for clock, parts in scenes:
        now = _instant(clock, zone)
        while real and _at(real[0]) <= now:
            line = real.pop(0)
            if (text := f"{_clock(_at(line), zone)}  {_what(line)}") not in said:  # three coupons of one campaign
                yield text
                said.add(text)
            yield from _moved(shop.happens(line), zone)
        yield from _moved(shop.until(now), zone)
        when = _clock(now, zone)
        for part in parts:
            number += 1
            if isinstance(part, Asks):
                told = shop.asks(part.place, part.context)
                moment = "".join(f" ({name}: {value})" for name, value in part.context.items())
                yield f"{when}  {WHO[part.place]}{moment}: {', '.join(told.shown) or 'nothing'}."
                yield from (f"{'':18}not {name}: {told.out[name]}" for name in part.without)
            elif isinstance(part, Says):
                given = {"action": part.action, "outcome": part.outcome, "placement": part.place}
                yield f"{when}  There {part.action} is {part.outcome}."
                line = _line(household, number, "action_outcome", CHANNEL[part.place], now, given)
                yield from _moved(shop.happens(line), zone)
            else:
                yield f"{when}  {part.text}"
                line = _line(household, number, part.event, part.channel, now, dict(part.properties))
                yield from _moved(shop.happens(line), zone)
            when = f"{'':16}"


def _line(household: int, number: int, name: str, channel: str, at: int, properties: dict[str, Any]) -> Line:
    return {
        "id": f"scene-{number}",
        "event": name,
        "profile": {"household": str(household)},
        "at": datetime.fromtimestamp(at / 1000, UTC).isoformat(),
        "channel": channel,
        "properties": properties,
    }


def _moved(records: Sequence[Record], zone: ZoneInfo) -> Iterator[str]:
    """What journeys did that the household could notice."""
    for record in records:
        if record.kind == "sent":
            yield f"{_clock(record.at, zone)}  {record.journey} sends {record.message} by {record.channel}."
        elif record.kind == "suggested":
            yield f"{_clock(record.at, zone)}  {record.journey} puts {(record.extra or {})['action']} on the table."


def _what(line: Line) -> str:
    given = line["properties"]
    if line["event"] == "order_placed":
        return f"A basket of {given['items']} items, ${given['total']:.2f}."
    if line["event"] == "coupon_redeemed":
        return f"A coupon of campaign {given['campaign']} is used."
    return f"Coupons of campaign {given['campaign']} arrive."


def _instant(clock: str, zone: ZoneInfo) -> int:
    return round(datetime.fromisoformat(clock).replace(tzinfo=zone).timestamp() * 1000)


def _at(line: Line) -> int:
    return round(datetime.fromisoformat(line["at"]).timestamp() * 1000)


def _clock(at: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC).astimezone(zone):%a %d %b %H:%M}"


def main() -> int:
    """Print the conversation."""
    for line in conversation(Virtual(compile_folder(Path(__file__).parent).sound())):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
