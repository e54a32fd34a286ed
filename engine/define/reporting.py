"""`report:` - what the figures of reports are made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from engine.define.doc import Doc, Path, did_you_mean
from engine.define.percent import read_percent
from engine.define.reporting_defaults import OWN
from engine.define.reporting_shapes import ReportShape, TradeShape
from engine.define.shape import shaped
from engine.define.span import parse_span
from engine.model.reporting import OTHERS, Answers, Baskets, Mark, Reporting, Trade
from engine.model.vocabulary import Vocabulary

NUMBERS = ("number", "integer")
TEXTS = ("text", "integer")


def compile_report(doc: Doc | None, vocabulary: Vocabulary, leaves: Collection[str]) -> Reporting:
    """The block of a document (None: the defaults, as far as the vocabulary has their events). `leaves` are the
    channels that messages leave by. What is wrong goes to `doc`."""
    shape = ReportShape()
    if doc is not None and doc.data is not None:
        shape = shaped(doc, doc.data["report"], ReportShape, ("report",)) or shape
    own = ReportShape.model_validate(OWN)
    return _Reader(doc, vocabulary, leaves, shape, own).reporting()


class _Reader:
    """Makes the parts of it; a default is taken where its events and properties are declared, and never complains."""

    def __init__(
        self, doc: Doc | None, vocabulary: Vocabulary, leaves: Collection[str], shape: ReportShape, own: ReportShape
    ) -> None:
        self.doc, self.vocabulary, self.leaves, self.shape, self.own = doc, vocabulary, leaves, shape, own
        self.silent = False

    def reporting(self) -> Reporting:
        shape = self.shape
        return Reporting(
            purchases=self.trades("purchases", shape.purchases, self.own.purchases),
            refunds=self.trades("refunds", shape.refunds, self.own.refunds),
            margin=self.percent("margin", shape.margin) if shape.margin is not None else None,
            physical=self.channels("physical", shape.physical),
            digital=self.channels("digital", shape.digital),
            ours=self.ours(),
            marks=self.marks(),
            baskets=self.baskets(),
            answers=self.answers(),
            costs={name: cost for name, cost in shape.costs.messages.items() if self.leaving(name, cost)},
            event_costs={name: cost for name, cost in shape.costs.events.items() if self.costing(name, cost)},
            assisted=self.assisted(),
            collected=self.collected(),
            lost_after=self.span(("lost_after",), shape.lost_after),
            pause=self.span(("pause",), shape.pause),
            linked=self.span(("linked",), shape.linked),
            discount=self.percent("discount", shape.discount) or 0.0,
        )

    def problem(self, path: Path, message: str, hint: str = "", *, key: bool = False) -> None:
        if self.doc is not None and not self.silent:
            self.doc.problem(("report", *path), message, hint, key=key, code="report")

    def event(self, path: Path, name: str, *, key: bool = False) -> bool:
        found = name in self.vocabulary.events
        if not found:
            hint = did_you_mean(name, self.vocabulary.events)
            self.problem(path, f"no event '{name}' is declared in the vocabulary.", hint, key=key)
        return found

    def property(self, path: Path, event: str, name: str, kinds: tuple[str, ...]) -> bool:
        known = {each: type_ for each, type_ in self.vocabulary.events[event].properties.items() if type_.name in kinds}
        if name not in known:
            what = "number" if kinds == NUMBERS else "text"
            self.problem(path, f"'{event}' has no {what} '{name}'.", did_you_mean(name, known))
        return name in known

    def trades(
        self, part: str, written: Mapping[str, TradeShape] | None, own: Mapping[str, TradeShape] | None
    ) -> tuple[Trade, ...]:
        self.silent = written is None
        found = []
        for name, each in (written if written is not None else own or {}).items():
            path: Path = (part, name)
            if not self.event(path, name, key=True) or not self.property(
                (*path, "revenue"), name, each.revenue, NUMBERS
            ):
                continue
            margin = each.margin and self.property((*path, "margin"), name, each.margin, NUMBERS)
            id_ = each.id and self.property((*path, "id"), name, each.id, TEXTS)
            found.append(Trade(name, each.revenue, each.margin if margin else "", each.id if id_ else ""))
        self.silent = False
        return tuple(found)

    def marks(self) -> dict[str, Mark]:
        written = self.shape.satisfaction
        self.silent = written is None
        found = {}
        for name, each in (written if written is not None else self.own.satisfaction or {}).items():
            path: Path = ("satisfaction", name)
            if name not in ("csat", "nps", "ces"):
                self.problem(path, f"'{name}' is no measure of satisfaction.", "Known: ces, csat, nps.", key=True)
                continue
            if not self.event((*path, "event"), each.event):
                continue
            fits = self.property((*path, "score"), each.event, each.score, NUMBERS)
            for key in each.only:
                fits = self.property((*path, "only", key), each.event, key, TEXTS) and fits
            if name == "csat" and each.good is None:
                self.problem(path, "'good' is missing.", "Say from which mark on a customer is satisfied: good: 8.")
                continue
            only = {key: (texts,) if isinstance(texts, str) else tuple(texts) for key, texts in each.only.items()}
            if fits:
                found[name] = Mark(each.event, each.score, only, each.good or 0.0)
        self.silent = False
        return found

    def events_with(self, path: Path, names: list[str], by: str) -> tuple[str, ...]:
        """Those of `names` that are declared and have the property `by`."""
        found = [
            name
            for index, name in enumerate(names)
            if self.event((*path, index), name) and self.property((*path, index), name, by, TEXTS)
        ]
        return tuple(found)

    def baskets(self) -> Baskets | None:
        each = self.shape.baskets or self.own.baskets
        self.silent = self.shape.baskets is None
        assert each is not None
        touched = self.events_with(("baskets", "touched"), each.touched, each.by)
        emptied = self.events_with(("baskets", "emptied"), each.emptied, each.by)
        after, within = (self.span(("baskets", key), getattr(each, key)) for key in ("after", "within"))
        self.silent = False
        return Baskets(touched, each.by, emptied, after, within) if touched else None

    def answers(self) -> Answers | None:
        each = self.shape.answers or self.own.answers
        self.silent = self.shape.answers is None
        assert each is not None
        asked = self.events_with(("answers", "asked"), [each.asked], each.by)
        answered = self.events_with(("answers", "answered"), each.answered, each.by)
        within = {}
        for channel, text in each.within.items():
            if channel not in (OTHERS, *self.vocabulary.channels):
                hint = did_you_mean(channel, (OTHERS, *self.vocabulary.channels))
                self.problem(("answers", "within", channel), f"no channel '{channel}'.", hint, key=True)
                continue
            within[channel] = self.span(("answers", "within", channel), text)
        self.silent = False
        return Answers(asked[0], answered, each.by, within) if asked and answered else None

    def assisted(self) -> tuple[str, str] | None:
        each = self.shape.assisted or self.own.assisted
        self.silent = self.shape.assisted is None
        assert each is not None
        fits = self.event(("assisted", "event"), each.event) and self.property(
            ("assisted", "by"), each.event, each.by, TEXTS
        )
        self.silent = False
        return (each.event, each.by) if fits else None

    def collected(self) -> str:
        name = self.shape.collected if self.shape.collected is not None else self.own.collected or ""
        self.silent = self.shape.collected is None
        fits = bool(name) and self.event(("collected",), name)
        self.silent = False
        return name if fits else ""

    def channels(self, part: str, names: list[str]) -> tuple[str, ...]:
        known = self.vocabulary.channels
        for index, name in enumerate(names):
            if name not in known:
                self.problem((part, index), f"no channel '{name}'.", did_you_mean(name, known))
            elif part == "digital" and name in self.shape.physical:
                self.problem((part, index), f"'{name}' is physical already.", "Keep one of the two.")
        return tuple(dict.fromkeys(names))

    def ours(self) -> tuple[str, ...]:
        if "ours" in self.shape.model_fields_set:
            for index, name in enumerate(self.shape.ours):
                self.event(("ours", index), name)
        return tuple(dict.fromkeys(self.shape.ours))

    def leaving(self, name: str, cost: float) -> bool:
        if name not in self.leaves:
            hint = did_you_mean(name, self.leaves)
            self.problem(("costs", "messages", name), f"no message leaves by '{name}'.", hint, key=True)
        return name in self.leaves and self.price(("costs", "messages", name), cost)

    def costing(self, name: str, cost: float) -> bool:
        path: Path = ("costs", "events", name)
        return self.event(path, name, key=True) and self.price(path, cost)

    def price(self, path: Path, cost: float) -> bool:
        if not 0 <= cost < 1_000_000:
            self.problem(path, f"'{cost}' is no cost.", "Write an amount of money from 0 on: 0.06.")
        return 0 <= cost < 1_000_000

    def percent(self, part: str, text: str) -> float | None:
        share = read_percent(text)
        if share is None:
            self.problem((part,), f"'{text}' is no share.", "Write a percentage from 0% to 100%: 30%.")
        return share

    def span(self, path: Path, text: str) -> int:
        try:
            found = parse_span(text).elapsed
        except ValueError as fault:
            self.problem(path, f"{fault}.")
            return 1
        if found <= 0:
            self.problem(path, f"'{text}' is no time.", "Write a length of time: 7d.")
        return max(1, found)
