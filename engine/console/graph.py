"""A journey drawn: where each step stands, and the lines between them. Geometry only; nothing is counted here."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from engine.console.ways import Way, ways
from engine.model.plan import Journey

WIDE, HIGH = 236, 92  # of a step
GAP, DOWN = 36, 62  # between two columns, and between two rows
CAP = 44  # height of the start and of the end
MARGIN = 14
START, END = "^", "$"


@dataclass
class Box:
    """A step, the start (`START`) or the end (`END`): its middle `x`, its top `y`, its size."""

    id: str
    x: float
    y: float
    wide: int = WIDE
    high: int = HIGH


@dataclass(frozen=True)
class Line:
    """A way from one box to another as a path; its words stand at (`x`, `y`)."""

    step: str
    way: Way
    path: str
    x: float
    y: float


@dataclass
class Drawing:
    """All of it, and how large it is."""

    boxes: dict[str, Box] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    wide: float = 0
    high: float = 0


class _Steps:
    """A journey, told from others by what names its steps: the same ones are drawn once."""

    def __init__(self, journey: Journey) -> None:
        self.journey, self.known_by = journey, (journey.name, journey.version)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Steps) and other.known_by == self.known_by

    def __hash__(self) -> int:
        return hash(self.known_by)


def draw(journey: Journey) -> Drawing:
    """Blocks stand side by side below the step that has them; what follows stands below all of them."""
    return _draw(_Steps(journey))


@lru_cache(maxsize=64)
def _draw(steps: _Steps) -> Drawing:
    journey = steps.journey
    made = Drawing()
    left = _width(journey, journey.first, "", set())
    middle = MARGIN + left / 2
    made.boxes[START] = Box(START, middle, MARGIN, high=CAP)
    bottom = _place(journey, made, journey.first, "", middle, MARGIN + CAP + DOWN, set())
    made.boxes[END] = Box(END, middle, bottom, high=CAP)
    made.high = bottom + CAP + MARGIN
    made.wide = max([left + 2 * MARGIN, *(box.x + WIDE / 2 + MARGIN for box in made.boxes.values())])
    _connect(journey, made)
    return made


def _blocks(journey: Journey, id_: str) -> list[Way]:
    """The ways of a step that lead into blocks of its own."""
    step = journey.steps[id_]
    return [way for way in ways(step) if way.to not in ("", step.next, id_)]


def _width(journey: Journey, first: str, after: str, seen: set[str]) -> float:
    """How wide the steps from `first` up to `after` are."""
    widest, id_ = float(WIDE), first
    while id_ and id_ != after and id_ in journey.steps and id_ not in seen:
        seen = seen | {id_}
        step = journey.steps[id_]
        columns = _columns(journey, id_, seen)
        widest = max(widest, sum(columns) + GAP * (len(columns) - 1) if columns else 0)
        id_ = step.next
    return widest


def _columns(journey: Journey, id_: str, seen: set[str]) -> list[float]:
    """The widths of the blocks of a step, with a narrow one where its straight way passes beside them."""
    step = journey.steps[id_]
    blocks = _blocks(journey, id_)
    widths = [_width(journey, way.to, _joins(journey, id_), seen) for way in blocks]
    if blocks and any(way.to in ("", step.next) for way in ways(step)):
        widths.append(WIDE / 2)
    return widths


def _joins(journey: Journey, id_: str) -> str:
    """Where the blocks of a step lead to: what follows it; those of a `repeat` lead back to it."""
    return id_ if journey.steps[id_].verb.name == "repeat" else journey.steps[id_].next


def _place(journey: Journey, made: Drawing, first: str, after: str, x: float, y: float, seen: set[str]) -> float:
    """Place the steps from `first` up to `after` around `x`, from `y` down; where the next one would stand."""
    id_ = first
    while id_ and id_ != after and id_ in journey.steps and id_ not in made.boxes:
        made.boxes[id_] = Box(id_, x, y)
        y += HIGH + DOWN
        seen = seen | {id_}
        columns = _columns(journey, id_, seen)
        if columns:
            at, lowest = x - (sum(columns) + GAP * (len(columns) - 1)) / 2, y
            for way, wide in zip(_blocks(journey, id_), columns, strict=False):
                lowest = max(lowest, _place(journey, made, way.to, _joins(journey, id_), at + wide / 2, y, seen))
                at += wide + GAP
            y = lowest
        id_ = journey.steps[id_].next
    return y


def _connect(journey: Journey, made: Drawing) -> None:
    made.lines.append(_line(made, START, Way(journey.first)))
    for id_ in journey.steps:
        if id_ in made.boxes:
            made.lines += [_line(made, id_, way) for way in ways(journey.steps[id_])]


def _line(made: Drawing, id_: str, way: Way) -> Line:
    """From the foot of one box to the head of another; where something stands between, around it."""
    here, there = made.boxes[id_], made.boxes.get(way.to or END, made.boxes[END])
    x, y, to_x, to_y = here.x, here.y + here.high, there.x, there.y
    if to_y <= here.y:  # back up: along the left side
        side = min(here.x, there.x) - WIDE / 2 - GAP / 2
        middle, target = here.y + here.high / 2, there.y + there.high / 2
        path = (
            f"M{here.x - WIDE / 2:.0f} {middle:.0f}C{side:.0f} {middle:.0f} {side:.0f} {target:.0f} "
            f"{there.x - WIDE / 2:.0f} {target:.0f}"
        )
        return Line(id_, way, path, side, (middle + target) / 2)
    between = [
        box
        for box in made.boxes.values()
        if box.id not in (here.id, there.id) and y <= box.y < to_y and abs(box.x - x) < WIDE and abs(to_x - x) < WIDE
    ]
    if between:  # past the blocks, on their right
        side = max(box.x for box in made.boxes.values() if y <= box.y < to_y and box.id != END) + WIDE / 2 + GAP
        foot = max(box.y + box.high for box in between) + DOWN / 2
        made.wide = max(made.wide, side + 90)
        path = (
            f"M{x:.0f} {y:.0f}C{x:.0f} {y + DOWN:.0f} {side:.0f} {y:.0f} {side:.0f} {y + DOWN:.0f}"
            f"V{foot:.0f}C{side:.0f} {to_y:.0f} {to_x:.0f} {foot:.0f} {to_x:.0f} {to_y:.0f}"
        )
        return Line(id_, way, path, side, y + DOWN + 6)
    foot, bend = y + DOWN, DOWN * 0.55
    path = f"M{x:.0f} {y:.0f}C{x:.0f} {y + bend:.0f} {to_x:.0f} {foot - bend:.0f} {to_x:.0f} {foot:.0f}"
    path += f"V{to_y:.0f}" if to_y > foot else ""
    where = (x + to_x) / 2 if abs(to_x - x) < 4 else x + (to_x - x) * 0.62
    return Line(id_, way, path, where, y + DOWN * (0.5 if abs(to_x - x) < 4 else 0.62))
