"""`parcours worker`: a Celery worker with the right pool and queues, in this process."""

from __future__ import annotations

import logging
import os
import warnings

import click


@click.command()
@click.option("--advance", "kind", flag_value="advance", help="Move customers through journeys, in processes.")
@click.option("--deliver", "kind", flag_value="deliver", help="Let messages leave, in threads.")
def command(kind: str | None) -> None:
    """Run a worker that advances journeys, delivers messages, or (without an option) does both in threads.

    Any number may run, on any number of machines. TERM finishes what is being done.
    """
    from celery.exceptions import SecurityWarning

    from engine.runtime.app import ADVANCE, DELIVER_QUEUES, MAINTENANCE, app
    from engine.runtime.ticker import Ticker
    from engine.runtime.worker import deliver_pool, warm_up
    from engine.settings import load

    settings = load()
    queues = {"advance": (ADVANCE,), "deliver": (*DELIVER_QUEUES, MAINTENANCE)}
    if kind == "advance":
        pool, size = "prefork", settings.advance_workers
    else:
        pool, size = "threads", deliver_pool()
    chosen = queues[kind] if kind else (*queues["advance"], *queues["deliver"])
    if settings.log_level != "debug":  # two lines per doorbell say nothing and cost a tenth of its time
        for name in ("celery.worker.strategy", "celery.app.trace"):
            logging.getLogger(name).setLevel(logging.WARNING)
    # it warns root of pickled tasks, of which there are none here
    warnings.filterwarnings("ignore", category=SecurityWarning)
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
