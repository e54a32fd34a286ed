"""A provider's client, made from its URL: the scheme says whose protocol it speaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from engine.model.errors import SetupError
from engine.model.message import Sender
from engine.model.plan import Plan
from engine.runtime.clock import wall
from engine.settings import Settings

RECEIPTS = "/v1/receipts/"  # then the provider's name: where it reports what became of a message

Make = Callable[[str, str, Settings, Plan], Sender]


def made(channel: str, url: str, settings: Settings, plan: Plan) -> Sender:
    """The client of one provider of a channel. Raises SetupError, without showing the URL."""
    scheme = url.partition(":")[0]
    makers = MAKERS.get(channel, {})
    make = makers.get(scheme)
    if make is None:
        from engine.channels.plugged import plugged

        theirs = plugged(scheme, url, channel)
        if theirs is None:
            raise SetupError(f"No provider of {channel} begins with {scheme}://; {', '.join(sorted(makers))} do.")
        return theirs
    return make(channel, url, settings, plan)


def reports_to(settings: Settings, provider: str) -> str:
    """The address at which a provider may report; '' while customers cannot reach the HTTP interface."""
    return settings.public_url.rstrip("/") + RECEIPTS + provider if settings.public_url is not None else ""


def _webhook(channel: str, url: str, settings: Settings, plan: Plan) -> Sender:
    from engine.channels.providers.webhook import WebhookSender

    if settings.webhook_secret is None:
        raise SetupError(
            f"Nothing can leave by {channel}: set PARCOURS_WEBHOOK_SECRET, or PARCOURS_DELIVERY=outbox to write files "
            "instead."
        )
    return WebhookSender(url, settings.webhook_secret.get_secret_value(), channel, clock=wall)


def _twilio(channel: str, url: str, settings: Settings, plan: Plan) -> Sender:
    from engine.channels.providers.twilio import TwilioSender

    sender = (plan.brand.get("sender") or {}).get("sms", "")
    return TwilioSender(url, sender, clock=wall, callback=reports_to(settings, "twilio"))


def _fcm(channel: str, url: str, settings: Settings, plan: Plan) -> Sender:
    from engine.channels.providers.fcm import FcmSender

    return FcmSender(url, clock=wall)


def _apns(channel: str, url: str, settings: Settings, plan: Plan) -> Sender:
    from engine.channels.providers.apns import ApnsSender

    return ApnsSender(url, clock=wall)


def _webpush(channel: str, url: str, settings: Settings, plan: Plan) -> Sender:
    from engine.channels.providers.webpush import WebPushSender

    return WebPushSender(url, clock=wall)


_HTTP: Mapping[str, Make] = {"http": _webhook, "https": _webhook}
MAKERS: Mapping[str, Mapping[str, Make]] = MappingProxyType(
    {
        "push": {
            **_HTTP,
            "fcm": _fcm,
            "apns": _apns,
            "apns+http": _apns,
            "webpush": _webpush,
            "webpush+http": _webpush,
        },
        "sms": {**_HTTP, "twilio": _twilio, "twilio+http": _twilio},
    }
)
