"""Times as a story names them: the clock it begins at, how long after, and instants in a phrase."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.define.span import parse_span
from engine.define.zones import near_zone
from engine.policy.wallclock import add, to_instant, to_local, zone

_LOCAL = re.compile(r"^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2})?)(?:\s+(\S+))?$")
_WALL = re.compile(r"^(?:(\d{4}-\d{2}-\d{2})[ T])?(\d{2}:\d{2}(?::\d{2})?)(?:\s+(\S+))?$")
EXAMPLE = "Write '2026-03-02 14:00 Europe/Paris' or '2026-03-02T13:00:00Z'."


@dataclass(frozen=True, slots=True)
class Clock:
    """An instant (epoch ms) and the zone in which a story reads its clock."""

    instant: int
    zone: str

    def show(self, instant: int) -> str:
        """`instant` on this clock: 20:40, with seconds and the day only where they differ."""
        local, begin = to_local(instant, self.zone), to_local(self.instant, self.zone)
        text = local.strftime("%H:%M:%S" if local.second else "%H:%M")
        return text if local.date() == begin.date() else f"{local:%Y-%m-%d} {text}"


def parse_clock(text: str, default: str) -> Clock:
    """A date and time with a zone; `default` is the zone of one without. Raises ValueError with a sentence."""
    text = " ".join(text.split())
    found = _LOCAL.match(text)
    if found is not None:
        name = _zone(found[3]) if found[3] else default
        try:
            wall = datetime.fromisoformat(f"{found[1]}T{found[2]}")
        except ValueError:
            raise ValueError(f"'{text}' is no moment of the calendar. {EXAMPLE}") from None
        return Clock(to_instant(wall, name), name)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is no moment. {EXAMPLE}") from None
    if moment.tzinfo is None:
        raise ValueError(f"'{text}' has no time of day or no zone. {EXAMPLE}")
    return Clock(round(moment.astimezone(UTC).timestamp() * 1000), default)


def parse_at(text: str, clock: Clock) -> int:
    """Epoch ms of a length of time after `clock`, or of a moment. Raises ValueError with a sentence.

    Seconds, minutes and hours are elapsed time; days and more keep the wall time in the clock's zone, as in `wait`.
    """
    text = text.strip()
    if text in ("0", ""):
        return clock.instant
    if re.match(r"^\d{4}-", text):
        return parse_clock(text, clock.zone).instant
    return add(clock.instant, parse_span(text), clock.zone)


def _zone(name: str) -> str:
    if zone(name) is None:
        raise ValueError(f"'{name}' is no time zone. {near_zone(name)}")
    return name


@dataclass(frozen=True, slots=True)
class Wall:
    """A time in a phrase, as exact as it was written: `form` is what is compared of the wall clock in `zone`."""

    text: str
    form: str
    zone: str

    def fits(self, instant: int) -> bool:
        return to_local(instant, self.zone).strftime(self.form) == self.text


def parse_wall(text: str, default: str) -> Wall:
    """`20:40`, `20:40:05`, `2026-03-03 08:00`, each also with a zone; or an ISO instant. Raises ValueError."""
    found = _WALL.match(text)
    if found is None:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise ValueError(f"'{text}' is no time: write 20:40, '2026-03-03 08:00' or 2026-03-03T07:00:00Z")
        return Wall(moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"), "%Y-%m-%d %H:%M:%S", "UTC")
    day, time, name = found.groups()
    hour, minute, *rest = (int(part) for part in time.split(":"))
    if hour > 23 or minute > 59 or any(second > 59 for second in rest):
        raise ValueError(f"'{time}' is no time of day: write 00:00 to 23:59")
    form = "%H:%M:%S" if rest else "%H:%M"
    text, form = (f"{day} {time}", f"%Y-%m-%d {form}") if day else (time, form)
    return Wall(text, form, _zone(name) if name else default)
