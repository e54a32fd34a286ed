"""Which providers a channel's messages go to: by the delivery mode, the settings and the plan's brand."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from engine.journey.steps.send import Sending
from engine.model.errors import SetupError
from engine.model.message import CALL, Sender
from engine.model.plan import Journey, Plan
from engine.model.words import Words
from engine.runtime.clock import wall
from engine.runtime.makers import made
from engine.runtime.own_links import no_links, refusable, sends_refusable, unsubscribing
from engine.runtime.prompts import StorePromptSender
from engine.runtime.providers import Provider, of_services
from engine.runtime.signing import signing
from engine.runtime.store import Store
from engine.settings import Settings

UNGUARDED = ("store",)  # its prompts go no further than our own Redis


class Senders(Protocol):
    """Where senders come from."""

    def of(self, channel: str, plan: Plan) -> Sequence[Provider]:
        """The providers of a channel, the preferred one first. Raises SetupError when there is none for it."""
        ...

    def forget(self, profile: str) -> None:
        """Delete what was written on this machine for a profile that is erased."""
        ...

    def close(self) -> None:
        """Let go of all connections."""
        ...


class FixedSenders:
    """The senders of each channel, whatever the settings say; '*' stands for every other channel."""

    def __init__(self, **senders: Sender | Sequence[Sender]) -> None:
        self._senders = {name: each if isinstance(each, Sequence) else (each,) for name, each in senders.items()}

    def of(self, channel: str, plan: Plan) -> Sequence[Provider]:
        found = self._senders.get(channel) or self._senders["*"]
        if channel == CALL:
            return list(of_services(found[0], plan))
        return [
            Provider(f"{channel}:{each.name}", each, channel not in UNGUARDED, getattr(each, "takes", None))
            for each in found
        ]

    def forget(self, profile: str) -> None:
        """Nothing is written."""

    def close(self) -> None:
        for senders in self._senders.values():
            for sender in senders:
                sender.close()


class SetUpSenders:
    """Senders as the settings and the plan's policies ask for them, kept until one of these changes.

    outbox     every message becomes a file in <workspace>/outbox
    allowlist  listed recipients get real messages, all others files
    live       everybody gets real messages
    Prompts for associates stay within the installation, so they go to the store in each mode.
    """

    def __init__(self, settings: Settings, store: Store | None) -> None:
        self._settings, self._store = settings, store
        self._kept: dict[str, tuple[Plan, object, tuple[Provider, ...]]] = {}
        self._lock = threading.Lock()

    def of(self, channel: str, plan: Plan) -> Sequence[Provider]:
        kept = self._kept.get(channel)
        if kept is not None and kept[0] is plan:  # each message asks
            return kept[2]
        mode = self._settings.delivery or plan.policies.delivery
        brand = plan.brand.get("sender") or {}
        policies, links = plan.policies, (refusable(plan), _needs_links(mode, plan))
        made_for = (mode, policies.allow, sorted(policies.calls.items()), sorted(brand.items()), links)
        with self._lock:
            kept = self._kept.get(channel)
            same = kept is not None and kept[1] == made_for
            providers = kept[2] if kept is not None and same else tuple(self._make(channel, mode, plan))
            self._kept[channel] = (plan, made_for, providers)
        # The old ones are not closed: a message may be on its way through them. They go when nobody holds them.
        return providers

    def close(self) -> None:
        with self._lock:
            for *_, providers in self._kept.values():
                for each in providers:
                    each.sender.close()
            self._kept.clear()

    def forget(self, profile: str) -> None:
        from engine.channels.providers.outbox import OutboxSender

        OutboxSender(self._settings.workspace / "outbox").forget(profile)

    def _make(self, channel: str, mode: str, plan: Plan) -> Iterator[Provider]:
        if channel == "store" and self._store is not None:
            yield Provider("store", StorePromptSender(self._store), guarded=False)
        elif channel == CALL:
            from engine.channels.providers.service import ServiceSender

            secret = self._settings.webhook_secret
            service = ServiceSender(secret.get_secret_value() if secret is not None else None, clock=wall)
            yield from of_services(service, plan)
        elif mode == "outbox":
            yield Provider(f"{channel}:outbox", self._outbox(plan), guarded=False)
        else:
            for name, real in self._real(channel, plan):
                takes = getattr(real, "takes", None)
                if mode == "allowlist":
                    from engine.channels.providers.allowlist import AllowlistSender

                    yield Provider(name, AllowlistSender(real, self._outbox(plan), plan.policies.allow), takes=takes)
                else:
                    yield Provider(name, real, takes=takes)

    def _outbox(self, plan: Plan) -> Sender:
        from engine.channels.providers.outbox import OutboxSender

        brand = plan.brand.get("sender") or {}
        address = f"{brand['name']} <{brand['email']}>" if brand.get("email") else ""
        return OutboxSender(self._settings.workspace / "outbox", address)

    def _real(self, channel: str, plan: Plan) -> Iterator[tuple[str, Sender]]:
        settings = self._settings
        if channel == "email":
            brand = plan.brand.get("sender") or {}
            if settings.smtp_url is None:
                raise _missing(channel, "PARCOURS_SMTP_URL")
            if not brand.get("email"):
                raise SetupError(
                    "E-mail needs a sender: write `sender: {email: ..., name: ...}` in journeys/brand.yaml."
                )
            from engine.channels.providers.smtp import SmtpSender

            link = unsubscribing(settings, refusable(plan))
            if link is None and _needs_links(settings.delivery or plan.policies.delivery, plan):
                raise no_links(settings)
            from engine.runtime.bounces import return_path

            back = return_path(settings)
            sign = signing(settings, brand["email"])
            for name, url in _named(channel, settings.smtp_url.get_secret_value()):
                yield (
                    name,
                    SmtpSender(
                        url,
                        str(brand.get("name", "")),
                        brand["email"],
                        unsubscribe=link,
                        return_path=back.of if back is not None else None,
                        sign=sign,
                    ),
                )
            return
        urls = {"push": settings.push_url, "sms": settings.sms_url}.get(channel)
        if urls is None:
            raise _missing(channel, f"PARCOURS_{channel.upper()}_URL")
        for name, url in _named(channel, urls.get_secret_value()):
            yield name, made(channel, url, settings, plan)


def _named(channel: str, urls: str) -> Iterator[tuple[str, str]]:
    """Each URL with a name that holds no secret and stays the same: channel, host (or service) and port."""
    names: Counter[str] = Counter()
    for url in urls.split():
        parts = urlsplit(url)
        name = f"{channel}:{parts.hostname or parts.scheme}" + (f":{parts.port}" if parts.port else "")
        names[name] += 1
        yield name + (f"#{names[name]}" if names[name] > 1 else ""), url


def lacking(settings: Settings, plan: Plan) -> str:
    """What keeps messages of this plan from leaving, in a sentence for each channel; '' when nothing does."""
    senders = SetUpSenders(settings, None)
    mode = settings.delivery or plan.policies.delivery
    used = {channel for journey in plan.journeys.values() for channel in _channels(journey)} - {"store"}
    said = []
    for channel in sorted(used):
        try:
            for provider in senders._make(channel, mode, plan):
                provider.sender.close()
        except SetupError as fault:
            said.append(fault.words)
    return Words.joined(" ", said)


def _channels(journey: Journey) -> set[str]:
    return {name for step in journey.steps.values() if isinstance(step.spec, Sending) for name in step.spec.via}


def _needs_links(mode: str, plan: Plan) -> bool:
    """Whether e-mail may leave only with a link to unsubscribe. The few on an allowlist are our own people."""
    return mode == "live" and sends_refusable(plan, "email")


def _missing(channel: str, setting: str) -> SetupError:
    return SetupError(
        f"Nothing can leave by {channel}: set {setting}, or PARCOURS_DELIVERY=outbox to write files instead."
    )
