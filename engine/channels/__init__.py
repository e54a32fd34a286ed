"""The ways to reach a customer: one file per channel, listed here, and their providers' clients.

To add a channel, write its file beside the others and its name into `CHANNELS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.channels.channel import Channel
from engine.channels.email import EMAIL
from engine.channels.push import PUSH
from engine.channels.sms import SMS
from engine.channels.store import STORE
from engine.model.message import CALL

CHANNELS: tuple[Channel, ...] = (EMAIL, PUSH, SMS, STORE)
CHANNEL: Mapping[str, Channel] = MappingProxyType({channel.name: channel for channel in CHANNELS})

# What has an outbox: the channels, and the services that journeys call.
OUTBOXES: tuple[str, ...] = (*CHANNEL, CALL)

__all__ = ["CHANNEL", "CHANNELS", "OUTBOXES", "Channel"]
