"""`parcours beat`: the clock of the scheduled jobs, in this process."""

from __future__ import annotations

import click


@click.command()
def command() -> None:
    """Run the clock of the scheduled jobs. Several may run; one leads, and another takes over when it dies.

    Timers, retries and lost doorbells do not need it: every worker looks after those.
    """
    from engine.runtime.app import app
    from engine.runtime.logs import keep_celery_out, set_up_logs
    from engine.settings import load

    settings = load()
    set_up_logs(settings, "beat")
    keep_celery_out()
    app().Beat(loglevel=settings.log_level, quiet=True).run()
