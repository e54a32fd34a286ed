"""`parcours worker`: a Celery worker with the right pool and queues, in this process."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from engine.settings import Settings


@click.command()
@click.option("--advance", "kind", flag_value="advance", help="Move customers through journeys, in processes.")
@click.option("--deliver", "kind", flag_value="deliver", help="Let messages leave, in threads.")
def command(kind: str | None) -> None:
    """Run a worker that advances journeys, delivers messages, or (without an option) does both in threads.

    Any number may run, on any number of machines. TERM finishes what is being done.
    """
    from engine.runtime.logs import set_up_logs
    from engine.runtime.otel import start_tracing
    from engine.runtime.prometheus import show, start
    from engine.settings import load

    settings = load()
    set_up_logs(settings, kind or "worker")
    start_tracing(settings, kind or "worker")
    start(settings)  # before Celery: one of its plugins may import what looks for the folder only once
    if settings.metrics_port is not None:
        show(settings.api_host, settings.metrics_port)
    _work(settings, kind)


def _work(settings: Settings, kind: str | None) -> None:
    from celery.exceptions import SecurityWarning
    from celery.worker import state

    from engine.runtime.app import DELIVER_QUEUES, MAINTENANCE, app
    from engine.runtime.bells import ADVANCE
    from engine.runtime.hearing import EXIT_CODE
    from engine.runtime.logs import keep_celery_out
    from engine.runtime.ticker import Ticker
    from engine.runtime.worker import deliver_pool, warm_up

    queues = {"advance": (ADVANCE,), "deliver": (*DELIVER_QUEUES, MAINTENANCE)}
    if kind == "advance":
        pool, size = "prefork", settings.advance_workers
    else:
        pool, size = "threads", deliver_pool()
    chosen = queues[kind] if kind else (*queues["advance"], *queues["deliver"])
    # it warns root of pickled tasks, of which there are none here
    warnings.filterwarnings("ignore", category=SecurityWarning)
    keep_celery_out()
    celery = app()
    celery.steps["consumer"].add(Ticker)
    warm_up(pool)
    celery.worker_main(
        [
            "--quiet",
            "worker",
            f"--pool={pool}",
            f"--concurrency={size}",
            f"--queues={','.join(chosen)}",
            f"--hostname={kind or 'worker'}-{os.getpid()}@%h",
            f"--loglevel={settings.log_level}",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )
    if state.should_stop == EXIT_CODE:
        raise SystemExit(EXIT_CODE)
