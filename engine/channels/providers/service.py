"""Calls of services: one signed JSON POST, and its answer as data."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.channels.providers.answers import object_of
from engine.channels.providers.attempt import token
from engine.channels.providers.http_post import NoAnswer, NotSent, Poster
from engine.channels.providers.signature import keys_of, signed_headers
from engine.channels.providers.webhook import WebhookSender
from engine.model.errors import SetupError
from engine.model.message import Outgoing, SendOutcome

_HEADERS = {"content-type": "application/json", "accept": "application/json", "user-agent": "parcours"}


class ServiceSender:
    """A `Sender` for calls: the URL is the outgoing's address, the body its part `body`.

    Signed like a webhook (Standard Webhooks) when there is a secret; `webhook-id` is the idempotency key and
    the same over all attempts. `clock` gives seconds since the epoch. A 2xx answer that is a JSON object is
    the answer; anything else a service may say is as for a webhook. Threads may share it.
    """

    name = "service"
    idempotent = True

    def __init__(self, secret: str | None, *, clock: Callable[[], float], timeout: float = 10.0) -> None:
        self._keys = keys_of(secret) if secret is not None else ()
        self._clock, self._timeout = clock, timeout
        self._posters: dict[str, Poster] = {}
        self._lock = threading.Lock()

    def send(self, outgoing: Outgoing) -> SendOutcome:
        """Ask once; `answer` is what the service said."""
        body = outgoing.rendered.parts["body"].encode()
        now = self._clock()
        name = token(outgoing.attempt_id)
        signed = signed_headers(self._keys, name, int(now), body) if self._keys else {"webhook-id": name}
        try:
            answer = self._poster(outgoing.address).post(body, {**_HEADERS, **signed})
        except (NotSent, NoAnswer) as fault:
            return SendOutcome("retry", str(fault))
        except SetupError as fault:
            return SendOutcome("refused", str(fault))
        outcome = WebhookSender.verdict_of(answer, now, idempotent=True)
        return replace(outcome, answer=_plain(object_of(answer.body))) if outcome.kind == "accepted" else outcome

    def close(self) -> None:
        """Close the kept connections; a later call opens new ones."""
        with self._lock:
            for poster in self._posters.values():
                poster.close()

    def _poster(self, url: str) -> Poster:
        with self._lock:
            poster = self._posters.get(url)
            if poster is None:
                poster = self._posters[url] = Poster(url, self._timeout)
            return poster


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    """The plain members of an answer."""
    return {str(name): value for name, value in found.items() if isinstance(value, str | int | float | bool)}
