"""Every setting of an installation, read from PARCOURS_* variables. Nothing else reads the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from engine.model.errors import SetupError

PREFIX = "PARCOURS_"


def _url(*schemes: str, several: bool = False, plugged: bool = False) -> AfterValidator:
    """A check that a URL has one of these schemes. Its message never repeats the URL: it may hold a password.

    `several`: a list of URLs, separated by spaces, may stand there. `plugged`: so may the schemes that other
    distributions bring.
    """

    def check(value: Any) -> Any:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if text is None:
            return value
        for url in text.split() if several else [text]:
            parts = urlsplit(url)
            if parts.scheme not in schemes and not (plugged and parts.scheme in plugged_schemes()):
                raise ValueError("write a URL that starts with " + " or ".join(f"{scheme}://" for scheme in schemes))
            try:
                for host in parts.netloc.rpartition("@")[2].split(","):  # a cluster's has several
                    _ = urlsplit(f"//{host}").port
            except ValueError:
                raise ValueError("its port is no number from 0 to 65535") from None
        return value

    return AfterValidator(check)


def plugged_schemes() -> dict[str, list[str]]:
    """The schemes that other distributions bring, which are looked for only when one is written."""
    from engine.channels.plugged import schemes

    return schemes()


def _comma_separated(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


REDIS = _url("redis", "rediss", "unix", "redis+cluster", "rediss+cluster")
BROKER = _url("redis", "rediss", "redis+socket", "sentinel", "amqp", "amqps", "pyamqp")
SMTP = _url("smtp", "smtps", "smtp+starttls", several=True)
HTTP = _url("http", "https", several=True)
SMS = _url("http", "https", "twilio", "twilio+http", several=True, plugged=True)
PUSH = _url("http", "https", "fcm", "apns", "apns+http", "webpush", "webpush+http", several=True, plugged=True)
PUBLIC = _url("http", "https")
ARCHIVE = _url("", "file", "s3", "gs", "az")


class Settings(BaseSettings):
    """The settings of one installation. Make one with `load()`, which says what is wrong in a sentence."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    # Where things are
    workspace: Path = Field(Path(), description="The folder that holds journeys/ and templates/.")
    state_dir: Path = Field(
        Path(".parcours"),
        description="Where this machine keeps what it must not lose. A relative path counts from the workspace.",
    )
    redis_url: Annotated[str | None, REDIS] = Field(
        None,
        repr=False,
        description="The Redis or Valkey that holds the state; redis+cluster://host:port,host:port is a cluster. "
        "Unset: one is started and kept in state_dir.",
    )
    broker_url: Annotated[str | None, BROKER] = Field(
        None,
        repr=False,
        description="The Celery broker (Redis, Sentinel or RabbitMQ). Unset: the same server as redis_url, "
        "which cannot be a cluster then.",
    )

    archive_url: Annotated[SecretStr | None, ARCHIVE] = Field(
        None,
        description="Where everything that happened is kept: a folder, or s3://bucket/prefix?region=... "
        "(`&endpoint=` for other stores that speak S3; gs:// and az:// too). Unset: nowhere; with `parcours up`, "
        "`archive` in state_dir.",
    )
    archive_seconds: float = Field(
        30.0, ge=1, le=3600, description="How often what has been logged is taken to the archive."
    )

    # The HTTP interface
    api_host: str = Field("127.0.0.1", description="Address the HTTP interface listens on.")
    api_port: int = Field(8750, ge=1, le=65535, description="Port of the HTTP interface.")
    api_keys: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_comma_separated)] = Field(
        (),
        description="Keys that may call the HTTP interface, separated by commas: KEY for everything, `ingest+read:KEY` "
        "for some scopes, `prompt@STORE:KEY` for one store; `sha256=HEX` may stand for a KEY.",
    )

    api_workers: int = Field(1, ge=1, le=64, description="Processes that answer HTTP; one for each core is the most.")
    decide_ms: int = Field(
        100,
        ge=5,
        le=10_000,
        description="Milliseconds within which a decision must be there, unless its request says otherwise; then it is "
        "a fallback.",
    )

    public_url: Annotated[str | None, PUBLIC] = Field(
        None,
        description="Where customers reach the HTTP interface, for the links in messages: https://links.shop.example.",
    )
    link_secret: SecretStr | None = Field(
        None,
        description="Signs the links in messages; 16 characters or more. To change it write the new one, a space, and "
        "the old one, which is still taken.",
    )

    source_secrets: SecretStr | None = Field(
        None,
        description="The secrets by which sources sign what they send, as name=secret, separated by spaces. "
        "A name may stand there twice while a secret is changed.",
    )

    # The way out
    delivery: Literal["outbox", "allowlist", "live"] | None = Field(
        None, description="Where messages go: files only, listed recipients only, or everybody. Unset: as policies say."
    )
    smtp_url: Annotated[SecretStr | None, SMTP] = Field(
        None,
        description="The mail server, as smtp://user:password@host:port; smtps:// and smtp+starttls:// encrypt. "
        "Several, separated by spaces: the next one takes over while one is down.",
    )
    bounce_address: str | None = Field(
        None,
        description="Where e-mail comes back that cannot be delivered: bounces@mail.shop.example, a mailbox that takes "
        "what follows a '+'. Needs link_secret. Unset: to the brand's sender.",
    )
    dkim_key: Path | None = Field(
        None, description="File of the private key (PEM) that signs e-mail, with the extra `dkim`. Unset: unsigned."
    )
    dkim_selector: str = Field("parcours", description="The selector of that key: <selector>._domainkey.<domain>.")
    dkim_domain: str | None = Field(None, description="The domain of that key. Unset: that of the brand's sender.")
    push_url: Annotated[SecretStr | None, PUSH] = Field(
        None,
        description="Who takes push messages, separated by spaces: fcm:///service-account.json for Android, "
        "apns://KEYID:TEAMID@api.push.apple.com?topic=APP&key=/key.p8 for Apple's devices, "
        "webpush:///vapid.pem?subject=mailto:ME for browsers, or a webhook's URL for all.",
    )
    sms_url: Annotated[SecretStr | None, SMS] = Field(
        None,
        description="Who takes text messages: twilio://SID:TOKEN@api.twilio.com?from=%2B33612345678, or a webhook's "
        "URL. Several, separated by spaces: the next one takes over while one is down.",
    )
    webhook_secret: SecretStr | None = Field(
        None,
        description="Signs what is posted to webhooks and to called services, and what a webhook's provider "
        "reports. To change it write the new one, a space, and the old one.",
    )
    sendgrid_key: SecretStr | None = Field(
        None, description="The verification key of SendGrid's signed event webhook, which reports on e-mail."
    )
    ses_topic: str | None = Field(
        None,
        description="The ARN of the SNS topic by which Amazon SES reports on e-mail; several, separated by spaces.",
    )

    # How much at once
    advance_workers: int = Field(2, ge=1, le=512, description="Processes that move customers through journeys.")
    deliver_workers: int = Field(
        2, ge=1, le=64, description="Processes that let messages leave; `parcours up` starts so many."
    )
    deliver_threads: int = Field(
        16,
        ge=1,
        le=1024,
        description="Messages that one channel may have on their way at once; to a quick provider it is two.",
    )
    timeline: int = Field(200, ge=0, le=2000, description="Lines that are kept of the story of each customer; 0: none.")
    metrics_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Port on which a worker shows its measures. Unset: only the HTTP interface does.",
    )
    otel_url: Annotated[str | None, HTTP] = Field(
        None, repr=False, description="Where spans are posted (OTLP), with the extra `otel` installed. Unset: nowhere."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least that is logged.")
    log_format: Literal["text", "json"] = Field("text", description="Logs for people, or one JSON object a line.")

    def secrets_of(self, name: str) -> tuple[str, ...]:
        """The secrets that a source may sign with; none when none is set."""
        written = self.source_secrets.get_secret_value() if self.source_secrets is not None else ""
        pairs = (each.partition("=") for each in written.split())
        return tuple(secret for each, _, secret in pairs if each == name and secret)

    @property
    def state_path(self) -> Path:
        """`state_dir` as an absolute path."""
        return (self.workspace / self.state_dir).resolve()


def load(**given: Any) -> Settings:
    """Read the environment; `given` (say, from the command line) goes before it.

    Raises SetupError with one sentence that names every bad setting, and never its value when secret.
    """
    misspelt = sorted(
        name
        for name in os.environ
        if name.startswith(PREFIX) and name[len(PREFIX) :].lower() not in Settings.model_fields
    )
    if misspelt:
        raise SetupError(_unknown(misspelt))
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SetupError("; ".join(_sentence(fault) for fault in error.errors(include_input=False))) from None


def environment(settings: Settings) -> dict[str, str]:
    """The whole environment for a child process, so that `load()` there gives these very settings.

    It holds the secrets as they are: hand it to a child, never print it.
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    for name in sorted(settings.model_fields_set):
        value = getattr(settings, name)
        if value is not None:
            env[PREFIX + name.upper()] = ",".join(map(_plain, value)) if isinstance(value, tuple) else _plain(value)
    env[f"{PREFIX}WORKSPACE"] = str(settings.workspace.resolve())
    return env


def share_measures(folder: Path) -> None:
    """Tell prometheus_client, here and in what is started from here, where all processes put their measures."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def _plain(value: Any) -> str:
    return str(value.get_secret_value() if isinstance(value, SecretStr) else value)


def _unknown(names: list[str]) -> str:
    from difflib import get_close_matches  # only needed for this message

    known = [PREFIX + name.upper() for name in Settings.model_fields]
    parts = []
    for name in names:
        close = get_close_matches(name, known, 1)
        parts.append(f"{name} is not a setting." + (f" Did you mean {close[0]}?" if close else ""))
    return " ".join(parts)


def _sentence(fault: Any) -> str:
    field = str(fault["loc"][0]) if fault["loc"] else "settings"
    reason = str(fault["msg"]).removeprefix("Value error, ")
    return f"{PREFIX}{field.upper()} cannot be used: {reason[:1].lower()}{reason[1:]}"
