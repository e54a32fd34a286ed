"""Which providers may report, and by which secret they are known."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from engine.settings import Settings


def secrets_of(settings: Settings, provider: str) -> tuple[str, ...]:
    """What may have signed a report of this provider; () when it does not report here."""
    if provider == "twilio":
        urls = _text(settings.sms_url).split()
        parts = [urlsplit(url) for url in urls if url.startswith("twilio")]
        return tuple(dict.fromkeys(unquote(each.password) for each in parts if each.password))
    if provider == "ses":
        return tuple((settings.ses_topic or "").split())
    given = {"sendgrid": settings.sendgrid_key, "webhook": settings.webhook_secret}.get(provider)
    return tuple(_text(given).split())


def _text(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret is not None else ""
