"""Messages of Parcours by a Telegram bot.

PARCOURS_PUSH_URL="telegram://TOKEN@api.telegram.org": the customer's push address is then their chat with the bot.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import httpx

from engine.model.message import Outgoing, SendOutcome

SECONDS = 10.0


def make(url: str, channel: str) -> TelegramSender:
    """The sender for a URL of the settings. Raise what you like: Parcours says whose it is, and hides the URL."""
    parts = urlsplit(url)
    if not parts.username or not parts.hostname:
        raise ValueError("write telegram://TOKEN@api.telegram.org")
    if channel not in ("push", "sms"):
        raise ValueError("a bot carries push and sms")
    scheme = "http" if parts.scheme == "telegram+http" else "https"
    token = unquote(parts.username) + (f":{unquote(parts.password)}" if parts.password else "")
    port = f":{parts.port}" if parts.port else ""
    return TelegramSender(f"{scheme}://{parts.hostname}{port}/bot{token}/sendMessage")


class TelegramSender:
    """One bot. Threads share it. Telegram keeps no idempotency key, so a repeat would be a second message."""

    name = "telegram"
    idempotent = False

    def __init__(self, url: str) -> None:
        self._url, self._client = url, httpx.Client(timeout=SECONDS)

    def send(self, outgoing: Outgoing) -> SendOutcome:
        """Never raises for what a network or Telegram can do, and says what is certain."""
        parts = outgoing.rendered.parts
        text = parts.get("text") or "\n".join(filter(None, (parts.get("title"), parts.get("body"), parts.get("link"))))
        try:
            answer = self._client.post(self._url, json={"chat_id": outgoing.address, "text": text})
        except (httpx.ConnectError, httpx.ConnectTimeout) as fault:
            return SendOutcome("retry", f"no connection: {type(fault).__name__}")  # it has certainly not arrived
        except httpx.HTTPError as fault:
            return SendOutcome("unknown", f"no answer: {type(fault).__name__}")  # it may have
        return outcome(answer)

    def close(self) -> None:
        self._client.close()


def outcome(answer: httpx.Response) -> SendOutcome:
    """What Telegram's answer means. Its URL holds the token: nothing of the request goes into a reason."""
    try:
        said = answer.json()
    except ValueError:
        said = {}
    said = said if isinstance(said, dict) else {}
    reason = f"{answer.status_code} {said.get('description', '')}".strip()
    if answer.status_code == 200 and said.get("ok") is True:
        return SendOutcome("accepted", provider_id=str(said["result"]["message_id"]))
    if answer.status_code == 429:
        return SendOutcome("retry", reason, retry_after=float(said.get("parameters", {}).get("retry_after", 1)))
    if answer.status_code == 403 or "chat not found" in reason:
        return SendOutcome("bad_address", reason, recipient=True)  # who has blocked the bot is not reached by it
    if answer.status_code >= 500:
        return SendOutcome("unknown", reason)
    return SendOutcome("refused", reason)
