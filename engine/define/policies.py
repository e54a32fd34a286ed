"""`policies:` - the rules over all journeys."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal

from pydantic import Field

from engine.define.caps import read_cap
from engine.define.condition import Names, parse_condition
from engine.define.control import ControlShape, compile_control
from engine.define.doc import Doc, Path, did_you_mean
from engine.define.learning import LearningShape, compile_learning
from engine.define.percent import read_percent
from engine.define.quiet_days import quiet_days
from engine.define.recipients import RecipientShape, compile_recipients
from engine.define.shape import shaped
from engine.define.shapes import Shape
from engine.define.span import parse_span
from engine.define.zones import near_zone
from engine.model.condition import Condition
from engine.model.policy import INTERNAL, Cap, Policies, Purpose, QuietHours, Suppression, Tracking
from engine.model.problem import NOWHERE, Place
from engine.model.span import DAY, HOUR, MINUTE, Span
from engine.policy.wallclock import zone

_WINDOW = re.compile(r"^\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*$")
_RATE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*/\s*(s|m|h)\s*$")


class PurposeShape(Shape):
    """What a purpose is exempt from."""

    transactional: bool = Field(default=False, description="No consent, quiet hours, caps or holdout needed.")
    at_least_once: bool | None = Field(
        default=None, description="Send again when nobody can say (default: if transactional)."
    )
    title: dict[str, str] = Field(
        default_factory=dict, description="What customers read of it on the preference page, by locale."
    )


class QuietShape(Shape):
    """When nothing buzzes."""

    window: str = Field(description='From and to, in the customer\'s zone: "21:00-08:00".')
    channels: list[str] = Field(description="The channels that keep quiet: [email, push, sms].")
    also: list[str] = Field(default_factory=list, description="Whole quiet days: sundays, holidays FR.")
    on_quiet: Literal["hold", "next_channel", "skip", "stop"] = Field(default="hold", description="What happens then.")


class CapShape(Shape):
    """How many messages one customer gets."""

    limit: str = Field(description="3 per 7d, or 1 per calendar day.")
    channels: list[str] = Field(default_factory=list, description="Which channels count (default: all).")
    purpose: str | list[str] = Field(default_factory=list, description="Which purposes count (default: all).")
    tags: list[str] = Field(default_factory=list, description="Which tags of messages count (default: all).")
    on_cap: Literal["skip", "next_channel", "stop"] = Field(default="skip", description="What happens when it is full.")


class SuppressShape(Shape):
    """When a purpose falls silent on every channel."""

    when: str = Field(description="A condition: customer.open_cases > 0")
    purpose: str = Field(description="Which purpose.")
    lasts: str | None = Field(default=None, description="How long after: 72h after.")


class TrackingShape(Shape):
    """What is learnt of who reads."""

    purpose: str = Field(description="Only of those who agreed to this purpose on the channel.")
    clicks: bool = Field(default=False, description="Whether links in e-mails and SMS tell that they were followed.")
    opens: bool = Field(default=False, description="Whether e-mails tell that they were opened.")


class PoliciesShape(Shape):
    """The whole file."""

    timezone: str = Field(default="UTC", description="The workspace's zone: Europe/Paris.")
    max_lateness: str = Field(default="48h", description="An older event starts nothing.")
    time_to_live: str = Field(default="48h", description="A message that could not leave in this time is dropped.")
    fall_back_after: str = Field(
        default="10m", description="A message that no provider of its channel takes for so long goes on by the next."
    )
    purposes: dict[str, PurposeShape] = Field(default_factory=lambda: {"marketing": PurposeShape()})
    delivery: Literal["outbox", "allowlist", "live"] = Field(default="outbox", description="Where messages really go.")
    allow: list[str] = Field(default_factory=list, description="Addresses that delivery: allowlist lets out.")
    quiet_hours: QuietShape | list[QuietShape] = Field(default_factory=list)
    caps: list[CapShape] = Field(default_factory=list)
    suppress: list[SuppressShape] = Field(default_factory=list)
    tracking: TrackingShape | None = Field(default=None, description="Whether clicks and openings are learnt of.")
    rates: dict[str, str] = Field(default_factory=dict, description="Messages per second by channel: 50/s.")
    calls: dict[str, str] = Field(
        default_factory=dict, description="Services that journeys may call, with their URLs: {stock: https://...}."
    )
    recipients: dict[str, str | RecipientShape] = Field(
        default_factory=dict,
        description="Your own people whom a `send` may name in `to`: {care_team: care@shop.example}.",
    )
    global_holdout: str | None = Field(default=None, description="The share that no marketing reaches: 2%.")
    control: ControlShape | None = Field(default=None, description="A standing group for whom actions are not chosen.")
    learning: LearningShape = Field(default_factory=LearningShape, description="How it learns what customers accept.")


def compile_policies(
    doc: Doc | None, names: Names, channels: set[str], zones: dict[str, str], shown: Collection[str] = ()
) -> Policies:
    """The policies of a document (None: the defaults). `channels` are those that messages leave by, `shown` those at
    which placements stand."""
    shape = PoliciesShape()
    if doc is not None and doc.data is not None:
        shape = shaped(doc, doc.data["policies"], PoliciesShape, ("policies",)) or shape
    reader = _Reader(doc, names, channels, shape.purposes, {*channels, *shown})
    if zone(shape.timezone) is None:
        reader.problem(("timezone",), f"'{shape.timezone}' is no time zone.", near_zone(shape.timezone))
    quiet = shape.quiet_hours if isinstance(shape.quiet_hours, list) else [shape.quiet_hours]
    single = not isinstance(shape.quiet_hours, list)
    return Policies(
        timezone=shape.timezone if zone(shape.timezone) is not None else "UTC",
        max_lateness=reader.span(("max_lateness",), shape.max_lateness, Span(48 * HOUR)).elapsed,
        time_to_live=reader.span(("time_to_live",), shape.time_to_live, Span(2 * DAY)).elapsed,
        fall_back_after=reader.span(("fall_back_after",), shape.fall_back_after, Span(10 * MINUTE)).elapsed,
        purposes={name: reader.purpose(name, each) for name, each in shape.purposes.items()},
        quiet=tuple(
            reader.quiet(("quiet_hours",) if single else ("quiet_hours", index), each)
            for index, each in enumerate(quiet)
        ),
        caps=tuple(cap for index, each in enumerate(shape.caps) if (cap := reader.cap(index, each)) is not None),
        suppress=tuple(
            rule for index, each in enumerate(shape.suppress) if (rule := reader.suppress(index, each)) is not None
        ),
        tracking=reader.tracking(shape.tracking) if shape.tracking is not None else None,
        rates={name: rate for name, text in shape.rates.items() if (rate := reader.rate(name, text)) is not None},
        global_holdout=reader.percent(("global_holdout",), shape.global_holdout),
        control=compile_control(doc, shape.control, names) if doc is not None and shape.control is not None else None,
        delivery=shape.delivery,
        allow=tuple(shape.allow),
        calls={name: reader.url(name, url) for name, url in shape.calls.items()},
        zones=zones,
        recipients=compile_recipients(doc, shape.recipients),
        learning=compile_learning(doc, shape.learning, names.segments or (), names.roots["customer"] or ()),
    )


class _Reader:
    """Compiles single policies and reports what is wrong with them."""

    def __init__(
        self, doc: Doc | None, names: Names, channels: set[str], purposes: dict[str, PurposeShape], counted: set[str]
    ) -> None:
        self.doc, self.names, self.channels, self.purposes, self.counted = doc, names, channels, purposes, counted

    def problem(self, path: Path, message: str, hint: str = "", *, key: bool = False) -> None:
        if self.doc is not None:
            self.doc.problem(("policies", *path), message, hint, key=key, code="policy")

    def place(self, path: Path) -> Place:
        return self.doc.place(("policies", *path)) if self.doc is not None else NOWHERE

    def span(self, path: Path, text: str, default: Span) -> Span:
        try:
            return parse_span(text)
        except ValueError as fault:
            self.problem(path, str(fault))
            return default

    def percent(self, path: Path, text: str | None) -> float:
        share = read_percent(text) if text is not None else 0.0
        if share is None:
            self.problem(path, f"'{text}' is no share.", "Write a percentage from 0% to 100%: 2%.")
        return share or 0.0

    def known(self, path: Path, names: list[str], wanted: set[str], what: str) -> frozenset[str]:
        for index, name in enumerate(names):
            if name not in wanted:
                self.problem((*path, index), f"no {what} '{name}'.", did_you_mean(name, wanted))
        return frozenset(name for name in names if name in wanted)

    def purpose(self, name: str, shape: PurposeShape) -> Purpose:
        at_least_once = shape.transactional if shape.at_least_once is None else shape.at_least_once
        if name == INTERNAL.name:
            hint = "Choose another name: this is what messages to your own people are for."
            self.problem(("purposes", name), f"'{name}' is there already.", hint, key=True)
        place = self.doc.place(("policies", "purposes", name), key=True) if self.doc is not None else NOWHERE
        return Purpose(name, shape.transactional, at_least_once, place, shape.title)

    def quiet(self, path: Path, shape: QuietShape) -> QuietHours:
        found = _WINDOW.match(shape.window)
        start = end = 0
        if found is not None:
            h1, m1, h2, m2 = (int(part) for part in found.groups())
            start, end = h1 * 60 + m1, h2 * 60 + m2
        if found is None or h1 > 23 or h2 > 24 or m1 > 59 or m2 > 59:
            self.problem((*path, "window"), f"'{shape.window}' is no window.", 'Write from and to: "21:00-08:00".')
            start = end = 0
        elif start == end % (24 * 60):
            self.problem(
                (*path, "window"), f"'{shape.window}' begins when it ends.", 'For the whole day write "00:00-24:00".'
            )
        weekdays: set[int] = set()
        dates: set[str] = set()
        for index, line in enumerate(shape.also):
            days = quiet_days(line)
            if isinstance(days, str):
                self.problem((*path, "also", index), days)
                continue
            weekdays |= days[0]
            dates |= days[1]
        channels = self.known((*path, "channels"), shape.channels, self.channels, "message leaves by")
        also = f" and {', '.join(shape.also)}" if shape.also else ""
        return QuietHours(
            start=start,
            end=end % (24 * 60),
            channels=channels,
            weekdays=frozenset(weekdays),
            dates=frozenset(dates),
            on_quiet=shape.on_quiet,
            text=shape.window + also,
            place=self.place((*path, "window")),
        )

    def cap(self, index: int, shape: CapShape) -> Cap | None:
        path: Path = ("caps", index)
        try:
            limit, window, calendar = read_cap(shape.limit)
        except ValueError as fault:
            self.problem((*path, "limit"), *fault.args)
            return None
        purposes = [shape.purpose] if isinstance(shape.purpose, str) else shape.purpose
        for name in purposes:
            if name not in self.purposes:
                self.problem((*path, "purpose"), f"no purpose '{name}'.", did_you_mean(name, self.purposes))
        return Cap(
            limit=limit,
            window=window,
            calendar=calendar,
            channels=self.known((*path, "channels"), shape.channels, self.counted, "message leaves by"),
            purposes=frozenset(purposes),
            tags=frozenset(shape.tags),
            on_cap=shape.on_cap,
            text=" ".join(shape.limit.split()),
            place=self.place((*path, "limit")),
        )

    def suppress(self, index: int, shape: SuppressShape) -> Suppression | None:
        path: Path = ("suppress", index)
        if shape.purpose not in self.purposes:
            hint = did_you_mean(shape.purpose, self.purposes)
            self.problem((*path, "purpose"), f"no purpose '{shape.purpose}'.", hint)
        condition = self.condition((*path, "when"), shape.when)
        text = shape.lasts.removesuffix("after").strip() if shape.lasts else ""
        lasts = self.span((*path, "lasts"), text, Span()) if text else Span()
        if condition is None:
            return None
        return Suppression(condition.text, condition, shape.purpose, lasts, self.place((*path, "when")))

    def tracking(self, shape: TrackingShape) -> Tracking | None:
        if shape.purpose not in self.purposes:
            self.problem(
                ("tracking", "purpose"), f"no purpose '{shape.purpose}'.", did_you_mean(shape.purpose, self.purposes)
            )
            return None
        if self.purposes[shape.purpose].transactional:
            said = f"'{shape.purpose}' is transactional, so nobody is asked for it."
            self.problem(("tracking", "purpose"), said, "Name one that customers agree to.")
        return Tracking(shape.purpose, shape.clicks, shape.opens)

    def condition(self, path: Path, text: str) -> Condition | None:
        condition, problems = parse_condition(text, self.place(path), self.names)
        for problem in problems:
            if self.doc is not None:
                self.doc.add(problem)
        return condition

    def url(self, name: str, url: str) -> str:
        if not re.fullmatch(r"https?://[^\s/]+(/[!-~]*)?", url):
            self.problem(("calls", name), f"'{url}' is no address of a service.", "Write https://host/path.")
        return url

    def rate(self, name: str, text: str) -> float | None:
        if name not in self.channels:
            self.problem(
                ("rates", name), f"no message leaves by '{name}'.", did_you_mean(name, self.channels), key=True
            )
        found = _RATE.match(text)
        if found is None or float(found.group(1)) <= 0:
            self.problem(("rates", name), f"'{text}' is no rate.", "Write messages per second: 50/s (or /m, /h).")
            return None
        return float(found.group(1)) / {"s": 1, "m": 60, "h": 3600}[found.group(2)]
