"""What an action says: rendered for the place that asks, and the same as it was shown while it stays the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from engine.journey.walk import Walk
from engine.model.action import Action
from engine.model.flags import Flags
from engine.model.ids import telling_id
from engine.model.message import Addressee
from engine.model.plan import Placement, Plan
from engine.model.profile import Profile
from engine.model.span import DAY
from engine.runtime.plans import Running

# Where a person speaks to the customer, and so has words of their own.
SPOKEN = frozenset({"store", "phone"})
MOST_TELLINGS = 4


class Telling(Struct, array_like=True, frozen=True):
    """How an action was put into words from `at` (engine ms) on: by form (`card`, `talk`) its parts. `figures` are the
    prices and amounts that any of these say."""

    at: int
    locale: str
    forms: dict[str, dict[str, str]]
    figures: dict[str, float] = {}


_decoder = msgspec.msgpack.Decoder(list[Telling])


def read_tellings(packed: bytes | None) -> list[Telling]:
    """The tellings of one action, oldest first."""
    return _decoder.decode(packed) if packed is not None else []


def form_of(placement: Placement) -> str:
    """The form that a placement takes: a card, or what a person speaks by."""
    return "talk" if placement.channel in SPOKEN else "card"


def shown_telling(tellings: Sequence[Telling], profile: Profile, action: str) -> Telling | None:
    """What the customer has seen, while an action that was shown stays the answer: the newest from before it was."""
    offer = profile.offers.get(action)
    if offer is None or not tellings:
        return None
    return next((each for each in reversed(tellings) if each.at <= offer.since), tellings[0])


def with_telling(tellings: Sequence[Telling], new: Telling) -> list[Telling] | None:
    """The tellings to keep when this is what is told now; None when nothing has changed."""
    last = tellings[-1] if tellings else None
    if last is not None and last.locale == new.locale and all(last.forms.get(n) == p for n, p in new.forms.items()):
        return None
    if last is not None and last.locale == new.locale and not set(last.forms) & set(new.forms):
        return [*tellings[:-1], _joined(last, new)]
    return [*tellings, new][-MOST_TELLINGS:]


def _joined(first: Telling, second: Telling) -> Telling:
    return Telling(first.at, first.locale, {**first.forms, **second.forms}, {**first.figures, **second.figures})


class Wording:
    """Puts actions into words for one customer at one instant."""

    def __init__(self, running: Running, profile: Profile, context: Mapping[str, Any], now: int, flags: Flags) -> None:
        self._running, self._profile, self._context, self._now = running, profile, context, now
        self._walk = Walk(running.plan, profile, now, flags)

    def tell(self, action: Action, placement: Placement) -> Telling:
        """Render an action as its placement shows it. Raises RenderFailed, and StoreError for a voucher's pool."""
        plan, profile, form = self._running.plan, self._profile, form_of(placement)
        start, message = self._start(action), message_of(profile, action, self._now)
        locale = profile.attributes.get("locale")
        roots: dict[str, Any] = {
            **self._walk.objects(start),
            **self._walk.objects(self._context),
            "customer": self._walk.customer,
            "start": start,
            "event": {},
            "context": self._context,
            "journey": "",
            "message_id": message,
            "now": self._now,
            "place": placement.channel,
            "transactional": _transactional(plan, action),
            "to": Addressee(message, profile.id, placement.channel),
        }
        rendered = self._running.render(action.message, form, locale if isinstance(locale, str) else "", roots)
        return Telling(self._now, rendered.locale, {form: rendered.parts}, rendered.figures)

    def _start(self, action: Action) -> Mapping[str, Any]:
        """What the journey that suggests it began with."""
        for each in reversed(self._profile.suggestions):
            if each.action == action.name and each.until > self._now:
                run = self._profile.enrolments.get(each.enrolment)
                return run.start if run is not None else {}
        return {}


def message_of(profile: Profile, action: Action, now: int) -> str:
    """The id by which links and vouchers know an action: that of the day on which it was first shown, or is now."""
    offer = profile.offers.get(action.name)
    since = offer.since if offer is not None and now < offer.until else now
    return telling_id(profile.id, action.name, since // DAY)


def _transactional(plan: Plan, action: Action) -> bool:
    return plan.policies.purposes[action.purpose].transactional
