"""The usual home-made way: one Celery task for each event, `apply_async(eta=...)` for each wait.

Settings as most have them: Redis broker, prefork, late acknowledgement. Run as a Celery application by
`benchmarks.rival`; BENCH_URL names the Redis, BENCH_SMTP and BENCH_HTTP the ports of the sinks.
"""

from __future__ import annotations

import os
import smtplib
import time
from functools import cache
from http.client import HTTPConnection
from typing import Any

import redis
from celery import Celery
from jinja2 import Environment

URL = os.environ.get("BENCH_URL", "redis://localhost")
app = Celery("homemade", broker=os.environ.get("BENCH_BROKER", URL))
app.conf.update(task_ignore_result=True, task_acks_late=True, worker_prefetch_multiplier=1)
HEAD = "Subject: Welcome\r\nContent-Type: text/html\r\n\r\n"
PAGE = HEAD + "<html><body><h1>Welcome, {{ name }}</h1>{{ text }}</body></html>"


@cache
def store() -> Any:
    return redis.Redis.from_url(URL)


@cache
def template() -> Any:
    return Environment(autoescape=True).from_string(PAGE)


@cache
def mail_server() -> smtplib.SMTP:
    link = smtplib.SMTP("127.0.0.1", int(os.environ["BENCH_SMTP"]))
    link.ehlo()
    return link


@cache
def push_server() -> HTTPConnection:
    return HTTPConnection("127.0.0.1", int(os.environ["BENCH_HTTP"]))


def _state(event: dict[str, Any]) -> str:
    customer = f"customer:{event['customer_id']}"
    known = store().hgetall(customer)
    store().hset(customer, mapping={"seen": event["id"], "count": int(known.get(b"count", 0)) + 1})
    store().incr("done")
    return customer


@app.task  # type: ignore[untyped-decorator]
def only_state(event: dict[str, Any]) -> None:
    _state(event)


@app.task  # type: ignore[untyped-decorator]
def by_mail(event: dict[str, Any]) -> None:
    customer = _state(event)
    letter = template().render(name="Ana", text="Your account is ready. " * 20)
    mail_server().sendmail("hello@fernhill.example", [f"{event['customer_id']}@fernhill.example"], letter)
    store().hset(customer, "welcomed", 1)


@app.task  # type: ignore[untyped-decorator]
def by_push(event: dict[str, Any]) -> None:
    customer = _state(event)
    link = push_server()
    link.request("POST", "/push", b'{"title": "Welcome", "body": "Your account is ready."}')
    link.getresponse().read()
    store().hset(customer, "welcomed", 1)


@app.task  # type: ignore[untyped-decorator]
def after_a_wait(due: float) -> None:
    store().rpush("late", time.time() - due)
