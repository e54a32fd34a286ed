"""Everything the engine knows of one customer: the unit of storage, of ordering and of commit."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from engine.model.message import Counted, Message

SCHEMA = 1


class Stamp(Struct, array_like=True):
    """Which event last set a value; a lower stamp (by `version`, then `at`, then id) never overwrites a higher one."""

    version: float
    at: int
    event: str


class Consent(Struct, omit_defaults=True):
    """The customer's word on one channel and purpose, with its proof. `state` is granted or denied."""

    state: str
    at: int
    source: str = ""
    wording: str = ""


class Thing(Struct, omit_defaults=True):
    """A declared object (a basket, an order, a case) in its newest state.

    `less` maps its lists to the items that were taken out of them ('*': out of all, everything).
    """

    data: dict[str, Any]
    stamp: Stamp
    ended: bool = False
    less: dict[str, list[str]] = field(default_factory=dict)


class Past(Struct, array_like=True):
    """One remembered event: its id, when it happened (epoch ms), what conditions see of it, and whether it came
    too late to satisfy a wait."""

    id: str
    at: int
    data: dict[str, Any]
    late: bool = False


class Idle(Struct, omit_defaults=True):
    """A start that waits for the customer to fall silent. `due` is when the silence is long enough; `heeded` the
    instant up to which an operator's stops have been brought to bear on it."""

    journey: str
    key: str
    due: int
    event: str
    at: int
    view: dict[str, Any]
    heeded: int = 0


class Assigned(Struct, array_like=True):
    """The arm of a split a customer was given ('' = none), and when."""

    arm: str
    at: int


class Suggestion(Struct, array_like=True):
    """An action on the table (or kept off it) until an instant, and the step that put it there.

    Without `placements` it concerns all at which the action is shown. Its score is multiplied by `boost`.
    `declared`: it was an action of its own then, and is nothing without its definition.
    """

    action: str
    placements: list[str]
    until: int
    enrolment: str
    journey: str
    step: str
    boost: float = 1.0
    declared: bool = False

    def at(self, placement: str) -> bool:
        """Whether it concerns this placement."""
        return not self.placements or placement in self.placements


class Trial(Struct, array_like=True):
    """A showing as it was counted: when, in which cell (placement and segment), of a customer with which traits, and
    what came of it so far."""

    at: int
    placement: str
    segment: str
    answered: bool = False
    accepted: bool = False
    traits: str = ""


class Offer(Struct, array_like=True):
    """An action that was shown: since when, until when it stays the answer, and when which outcome was last said.

    `trial` is the last showing that was counted.
    """

    since: int
    until: int
    said: dict[str, int]
    trial: Trial | None = None


class Prompt(Struct, array_like=True):
    """A prompt that a store shows until an instant, what its journey began with, and what it is for.

    `action` is the action that it says, as the best of a `placement`; '' when it says none. `step` has sent it.
    """

    id: str
    message: str
    store: str
    until: int
    enrolment: str
    journey: str
    version: str = ""
    key: str = ""
    start_at: int = 0
    start: dict[str, Any] = field(default_factory=dict)
    purpose: str = ""
    action: str = ""
    placement: str = ""
    step: str = ""


class Enrolment(Struct, omit_defaults=True, kw_only=True):
    """One customer's run through one journey.

    `version` names the steps it is pinned to; `step` is where it stands; `since` when it came there;
    `due` when time alone moves it on; `waits_on` the message it stands still for; `left` when its last
    message left (0: none yet); `silent` why its last message found no channel ('' when it did not come to that);
    `held` the step it goes on with when its journey is not paused any more ('' = the end, None = nothing holds it
    up); `heeded` the instant up to which pauses have been brought to bear on it;
    `sent` maps each `send` it came to, the last one last, to the id of its message; `gone` maps a step to the last
    visit whose message left. `renewed` is the newest start of a run that gave way to it in a merge.
    """

    id: str
    journey: str
    version: str
    key: str
    entry: int
    started: int
    start_at: int
    start: dict[str, Any]
    step: str = ""
    since: int = 0
    due: int | None = None
    waits_on: str = ""
    event: dict[str, Any] = field(default_factory=dict)
    visits: dict[str, int] = field(default_factory=dict)
    rounds: dict[str, int] = field(default_factory=dict)
    held_out: str = ""
    left: int = 0
    bulk: bool = False
    silent: str = ""
    held: str | None = None
    heeded: int = 0
    sent: dict[str, str] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    renewed: int = 0

    @property
    def last_start(self) -> int:
        """When it was begun for the last time (epoch ms): what happened before ends it no more."""
        return max(self.start_at, self.renewed)


class Ended(Struct, array_like=True):
    """How the last enrolment of one (journey, key) ended, and how many there have been."""

    at: int
    entries: int
    reason: str


class Profile(Struct, omit_defaults=True, kw_only=True):
    """One customer. `version` is raised by every commit and is what writers compare.

    `attributes` holds declared attributes and identifiers side by side (conditions read both as
    `customer.x`); `consent` is keyed 'channel/purpose'; `idles` and `ended` are keyed 'journey|key';
    `suppressed` maps a policy to the instant it ends (0: while its condition holds); `dead` maps a
    channel to the address a provider declared dead; `arms` is keyed 'journey/step', for a holdout
    'journey/holdout:' and '*/holdout:'; `segments` maps the
    segments the customer is in to when it entered; `recheck` is when a condition may change by time alone;
    `schedules` maps a journey that starts by schedule to when it looks at this customer next; `frozen` maps a
    paused journey that concerns the customer to when that is looked at again. `stood` is where its enrolments stood
    when it was read from a store, which never keeps it: what a commit changes is counted from there.

    `suggestions` is what journeys have put on the table, `silenced` what they keep off it;
    `offers` maps the actions that were shown to what became of them; `identifiers` holds every value that named
    this customer, by identifier; `absorbed` the ids of profiles that were merged into this one. `into` names the
    profile that this one is merged into: from then on nothing leaves here, and once `moved` nothing else is left
    here either. `forced`: an operator wants it so. `given` is the server time at which that was asked.
    """

    id: str
    label: str
    schema: int = SCHEMA
    version: int = 0
    seen: int = 0
    attributes: dict[str, Any] = field(default_factory=dict)
    stamps: dict[str, Stamp] = field(default_factory=dict)
    open: dict[str, list[str]] = field(default_factory=dict)
    consent: dict[str, Consent] = field(default_factory=dict)
    objects: dict[str, dict[str, Thing]] = field(default_factory=dict)
    history: dict[str, list[Past]] = field(default_factory=dict)
    enrolments: dict[str, Enrolment] = field(default_factory=dict)
    idles: dict[str, Idle] = field(default_factory=dict)
    ended: dict[str, Ended] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    ledger: list[Counted] = field(default_factory=list)
    suppressed: dict[str, int] = field(default_factory=dict)
    dead: dict[str, str] = field(default_factory=dict)
    arms: dict[str, Assigned] = field(default_factory=dict)
    suggestions: list[Suggestion] = field(default_factory=list)
    silenced: list[Suggestion] = field(default_factory=list)
    prompts: list[Prompt] = field(default_factory=list)
    offers: dict[str, Offer] = field(default_factory=dict)
    segments: dict[str, int] = field(default_factory=dict)
    recheck: int | None = None
    schedules: dict[str, int] = field(default_factory=dict)
    frozen: dict[str, int] = field(default_factory=dict)
    identifiers: dict[str, list[str]] = field(default_factory=dict)
    absorbed: list[str] = field(default_factory=list)
    into: str = ""
    moved: bool = False
    forced: bool = False
    given: int = 0
    stood: dict[str, int] | None = None

    def stands(self) -> dict[str, int]:
        """How many enrolments stand where: 'journey|version|step'."""
        found: dict[str, int] = {}
        for run in self.enrolments.values():
            where = f"{run.journey}|{run.version}|{run.step}"
            found[where] = found.get(where, 0) + 1
        return found

    def next_due(self) -> int | None:
        """The earliest instant (epoch ms) at which time alone changes something; None when nothing waits."""
        still = self.frozen
        dues = list(still.values()) if still else []
        for waits in (self.idles, self.enrolments, self.messages):
            for each in waits.values():
                if (due := each.due) is not None and each.journey not in still:
                    dues.append(due)
        if self.suppressed:
            dues += filter(None, self.suppressed.values())
        if self.schedules:
            dues += self.schedules.values()
        if self.recheck is not None:
            dues.append(self.recheck)
        return min(dues, default=None)
