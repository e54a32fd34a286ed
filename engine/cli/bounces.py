"""`parcours bounces`: mail that comes back becomes receipts, over LMTP or from a pipe."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from engine.runtime.bounces import Bounces
    from engine.runtime.engine import Engine
    from engine.settings import Settings

COME_AGAIN = 75  # what a mail server's pipe understands as 'keep it and try later' (EX_TEMPFAIL)


@click.group()
def command() -> None:
    """Read what comes back: delivery reports (RFC 3464) and complaints (RFC 5965) at PARCOURS_BOUNCE_ADDRESS."""


@command.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8752, show_default=True, type=click.IntRange(1, 65535), help="The port.")
def serve(host: str, port: int) -> None:
    """Take returned mail from a mail server on this machine, over LMTP, until Ctrl-C or SIGTERM."""
    from engine.runtime.lmtp import serve as serve_lmtp
    from engine.runtime.logs import set_up_logs
    from engine.runtime.ports import listen_on
    from engine.settings import load

    settings = load()
    set_up_logs(settings, "bounces")
    engine = _engine(settings)
    bounces = _bounces(settings, engine)
    with listen_on(host, port, "--port") as listener:
        click.echo(f"Returned mail is taken at {host}:{port} (LMTP).", err=True)
        serve_lmtp(listener, bounces.take)
    engine.close()


@command.command()
@click.option("--recipient", default="", help="Whom the mail came for (default: as its Delivered-To or To says).")
def read(recipient: str) -> None:
    """Read one returned mail from standard input: for a mail server's pipe. Says what became of it.

    Exit code 75 asks the mail server to keep the mail and try later.
    """
    from engine.model.errors import ParcoursError
    from engine.settings import load

    mail = sys.stdin.buffer.read()
    try:
        settings = load()
        engine = _engine(settings)
        took = _bounces(settings, engine).take(mail, recipient or _recipient(mail))
        engine.close()
    except Exception as fault:  # any other exit code would have it refused, and what it says lost
        click.echo(f"Error: {fault}" if isinstance(fault, ParcoursError) else f"Error: {fault!r}", err=True)
        sys.exit(COME_AGAIN)
    click.echo(f"{took.status}: {took.reason}" if took.reason else took.status)


def _engine(settings: Settings) -> Engine:
    from engine.model.errors import SetupError
    from engine.runtime.bells import Noted
    from engine.runtime.embedded import answers, socket_path, url_of
    from engine.runtime.engine import Engine

    if settings.redis_url is None and not answers(socket_path(settings.state_path)):
        raise SetupError("Nothing runs in this workspace: start it with `parcours up`, or set PARCOURS_REDIS_URL.")
    # no bell is rung: the workers look around twice a second, and nobody waits for a bounce
    return Engine.of(settings, settings.redis_url or url_of(settings.state_path), Noted())


def _bounces(settings: Settings, engine: Engine) -> Bounces:
    from engine.runtime.bounces import Bounces
    from engine.runtime.receipts import set_aside

    store = engine.store
    return Bounces(settings, engine.receipts, lambda odd: set_aside(store, [odd], store.clock().engine))


def _recipient(mail: bytes) -> str:
    from email import message_from_bytes
    from email.utils import parseaddr

    head = message_from_bytes(mail[:100_000].partition(b"\n\n")[0])
    found = next((head[name] for name in ("Delivered-To", "X-Original-To", "To") if head[name]), "")
    return parseaddr(str(found))[1]
