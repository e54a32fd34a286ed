"""The Celery application. A Celery message is only a doorbell: the work lies in the shards.

The settings below are those that proved right under kill -9: see docs of the runtime. Nothing is pickled,
nothing is kept as a result, and no task waits for a time.
"""

from __future__ import annotations

from functools import cache

from celery import Celery

from engine.channels import OUTBOXES
from engine.runtime.bells import Bells, deliver_queue
from engine.runtime.celery_bells import CeleryBells
from engine.runtime.client import is_cluster
from engine.runtime.embedded import broker_url_of, url_of
from engine.runtime.store import Store
from engine.settings import Settings, load

SWEEP_SECONDS = 30.0
LEARN_SECONDS = 15.0
MAINTENANCE = "maintenance"


DELIVER_QUEUES = tuple(deliver_queue(channel) for channel in OUTBOXES)


def state_url(settings: Settings) -> str:
    """Where the state is: as set, else the socket of the Redis that belongs to the state directory."""
    return settings.redis_url or url_of(settings.state_path)


def make_app(settings: Settings) -> Celery:
    """The application of an installation. Connects to nothing yet."""
    state = state_url(settings)
    broker = settings.broker_url or broker_url_of(state)
    tasks = ["engine.runtime.tasks", "engine.report.tasks"]
    app = Celery("parcours", broker=broker, include=tasks, set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_time_limit=30,
        task_default_queue=MAINTENANCE,
        task_create_missing_queues=True,
        # No bound: a doorbell whose acknowledgement is lost with its connection counts as taken for ever, and a worker
        # with a bound of two is deaf after two of these. Doorbells are few, and to hear one late costs nothing.
        worker_prefetch_multiplier=0,
        worker_max_memory_per_child=400_000,  # KiB
        worker_soft_shutdown_timeout=10.0,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=5.0,
        beat_scheduler="redbeat.RedBeatScheduler",
        beat_max_loop_interval=2,
        beat_schedule={
            "sweep": {
                "task": "parcours.sweep",
                "schedule": SWEEP_SECONDS,
                "options": {"queue": MAINTENANCE, "expires": SWEEP_SECONDS},
            },
            "learn": {
                "task": "parcours.learn",
                "schedule": LEARN_SECONDS,
                "options": {"queue": MAINTENANCE, "expires": LEARN_SECONDS},
            },
        },
        redbeat_redis_url=broker if is_cluster(state) else state,
        redbeat_redis_options={"socket_timeout": 10},
        redbeat_key_prefix="parcours:beat:",
        redbeat_lock_timeout=10,
    )
    if settings.archive_url is not None:
        app.conf.beat_schedule["archive"] = {
            "task": "parcours.archive",
            "schedule": settings.archive_seconds,
            "options": {"queue": MAINTENANCE, "expires": settings.archive_seconds},
        }
    if broker.startswith(("redis", "sentinel")):
        app.conf.broker_transport_options = {
            "visibility_timeout": 60,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "socket_timeout": 10,
            "socket_keepalive": not broker.startswith("redis+socket"),
        }
    return app


@cache
def app() -> Celery:
    """This process's application, as PARCOURS_* settings say. Raises SetupError."""
    return make_app(load())


def bells_of(settings: Settings) -> Bells:
    """Doorbells that the workers of an installation hear."""
    return CeleryBells(make_app(settings), Store(state_url(settings)))
