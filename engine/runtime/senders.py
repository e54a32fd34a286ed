"""Which provider a channel's messages go to: by the delivery mode, the settings and the plan's brand."""

from __future__ import annotations

import threading
from typing import Protocol

from engine.journey.steps.send import Sending
from engine.model.errors import SetupError
from engine.model.message import CALL, Sender
from engine.model.plan import Journey, Plan
from engine.runtime.clock import wall
from engine.runtime.prompts import StorePromptSender
from engine.runtime.store import Store
from engine.settings import Settings


class Senders(Protocol):
    """Where senders come from."""

    def of(self, channel: str, plan: Plan) -> Sender:
        """The sender of a channel. Raises SetupError when the installation has none for it."""
        ...

    def close(self) -> None:
        """Let go of all connections."""
        ...


class FixedSenders:
    """One sender per channel, whatever the settings say; '*' stands for every other channel."""

    def __init__(self, **senders: Sender) -> None:
        self._senders = senders

    def of(self, channel: str, plan: Plan) -> Sender:
        return self._senders.get(channel) or self._senders["*"]

    def close(self) -> None:
        for sender in self._senders.values():
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
        self._kept: dict[str, tuple[object, Sender]] = {}
        self._lock = threading.Lock()

    def of(self, channel: str, plan: Plan) -> Sender:
        mode = self._settings.delivery or plan.policies.delivery
        brand = plan.brand.get("sender") or {}
        made_for = (mode, plan.policies.allow, tuple(sorted(brand.items())))
        with self._lock:
            kept = self._kept.get(channel)
            if kept is not None and kept[0] == made_for:
                return kept[1]
            sender = self._make(channel, mode, plan)
            self._kept[channel] = (made_for, sender)
        # The old one is not closed: a message may be on its way through it. It goes when nobody holds it.
        return sender

    def close(self) -> None:
        with self._lock:
            for _, sender in self._kept.values():
                sender.close()
            self._kept.clear()

    def _make(self, channel: str, mode: str, plan: Plan) -> Sender:
        if channel == "store" and self._store is not None:
            return StorePromptSender(self._store)
        if channel == CALL:
            from engine.channels.providers.service import ServiceSender

            secret = self._settings.webhook_secret
            return ServiceSender(secret.get_secret_value() if secret is not None else None, clock=wall)
        if mode == "outbox":
            return self._outbox(plan)
        real = self._real(channel, plan)
        if mode == "live":
            return real
        from engine.channels.providers.allowlist import AllowlistSender

        return AllowlistSender(real, self._outbox(plan), plan.policies.allow)

    def _outbox(self, plan: Plan) -> Sender:
        from engine.channels.providers.outbox import OutboxSender

        brand = plan.brand.get("sender") or {}
        address = f"{brand['name']} <{brand['email']}>" if brand.get("email") else ""
        return OutboxSender(self._settings.workspace / "outbox", address)

    def _real(self, channel: str, plan: Plan) -> Sender:
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

            return SmtpSender(settings.smtp_url.get_secret_value(), str(brand.get("name", "")), brand["email"])
        url = {"push": settings.push_webhook_url, "sms": settings.sms_webhook_url}.get(channel)
        if url is None:
            raise _missing(channel, f"PARCOURS_{channel.upper()}_WEBHOOK_URL")
        if settings.webhook_secret is None:
            raise _missing(channel, "PARCOURS_WEBHOOK_SECRET")
        from engine.channels.providers.webhook import WebhookSender

        return WebhookSender(url, settings.webhook_secret.get_secret_value(), channel, clock=wall)


def lacking(settings: Settings, plan: Plan) -> str:
    """What keeps messages of this plan from leaving, in a sentence for each channel; '' when nothing does."""
    senders = SetUpSenders(settings, None)
    mode = settings.delivery or plan.policies.delivery
    used = {channel for journey in plan.journeys.values() for channel in _channels(journey)} - {"store"}
    said = []
    for channel in sorted(used):
        try:
            senders._make(channel, mode, plan).close()
        except SetupError as fault:
            said.append(fault.sentence())
    return " ".join(said)


def _channels(journey: Journey) -> set[str]:
    return {name for step in journey.steps.values() if isinstance(step.spec, Sending) for name in step.spec.via}


def _missing(channel: str, setting: str) -> SetupError:
    return SetupError(
        f"Nothing can leave by {channel}: set {setting}, or PARCOURS_DELIVERY=outbox to write files instead."
    )
