"""Doorbells as Celery messages.

A Celery task costs half a millisecond to publish, which at a few thousand events a second would be all
that ingestion does. On a Redis broker a doorbell is therefore a text made once by kombu itself, in which
only the ids change, pushed in a pipeline; on other brokers it is published the usual way.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any
from uuid import uuid4

from celery import Celery

from engine.runtime.bells import ADVANCE, deliver_queue
from engine.runtime.store import Store

ID, TAG = "00000000-the-id-of-a-task-00000000", "00000000-the-delivery-tag-00000000"
SILENT_SECONDS = 1.0
MOST, OLD_SECONDS = 1_000, 60  # doorbells that nobody hears do not pile up: a younger one says the same
BROKER_SECONDS = 1.0
log = logging.getLogger("parcours.bells")
Ring = tuple[str, str, tuple[Any, ...]]  # queue, task, arguments


class CeleryBells:
    """Rings by Celery messages. Threads may share it; a forked process makes connections of its own."""

    def __init__(self, app: Celery, store: Store) -> None:
        self._app = app
        self._store = store
        self._made: dict[Ring, str] = {}
        self._lock = threading.Lock()
        self._pid = 0
        self._silent = 0.0  # monotonic; until then the broker is not asked again

    def advance(self, shards: Iterable[int]) -> None:
        if self._store.ready.add(ADVANCE, shards):
            self.ring([(ADVANCE, "parcours.advance", ())])

    def deliver(self, rows: Iterable[tuple[str, int]]) -> None:
        wanted: dict[str, list[int]] = {}
        for channel, shard in rows:
            wanted.setdefault(channel, []).append(shard)
        for channel, shards in sorted(wanted.items()):
            queue = deliver_queue(channel)
            if self._store.ready.add(queue, shards):
                self.ring([(queue, "parcours.deliver", (channel,))])

    def recover(self, shards: Iterable[int]) -> None:
        self.ring([("maintenance", "parcours.recover", (shard,)) for shard in shards])

    def ring(self, rings: Sequence[Ring]) -> None:
        """Publish doorbells. With the broker away nobody hears them, and a ticker rings again once it is back."""
        if not rings or time.monotonic() < self._silent:
            return
        with self._lock:
            kept = self._pid == os.getpid()
            try:
                self._publish_again(rings) if kept else self._publish(rings)
            except Exception as fault:  # each broker's client raises its own; the work itself is safe in the shards
                self._silent, self._pid = time.monotonic() + SILENT_SECONDS, 0
                log.warning("the broker does not answer, and doorbells are not rung: %s", fault)

    def _publish_again(self, rings: Sequence[Ring]) -> None:
        """By the connection of last time, or by a new one when the broker has closed that meanwhile."""
        try:
            self._publish(rings)
        except Exception:
            self._pid = 0
            self._publish(rings)

    def _publish(self, rings: Sequence[Ring]) -> None:
        self._connect()
        if self._raw:
            self._push(rings)
        else:
            for queue, task, arguments in rings:
                self._app.send_task(
                    task,
                    arguments,
                    queue=queue,
                    ignore_result=True,
                    retry=False,
                    connection=self._connection,
                    expiration=OLD_SECONDS,
                )

    def depth(self, queue: str) -> int:
        """How many doorbells of a queue nobody has taken yet."""
        with self._lock:
            self._connect()
            if self._raw:
                return int(self._channel._size(queue))
            return int(self._channel.queue_declare(queue, passive=True).message_count)

    def _connect(self) -> None:
        if self._pid == os.getpid():
            return
        # A client that waits for an answer from the interface must not wait for a broker that is away.
        self._connection = self._app.connection_for_write(
            connect_timeout=BROKER_SECONDS,
            heartbeat=0,  # who only rings is silent for hours, and nobody would send it
            transport_options={"max_retries": 0, "connect_retries_timeout": BROKER_SECONDS, "socket_timeout": 3.0},
        )
        self._channel = self._connection.default_channel
        self._raw = self._connection.transport.driver_type == "redis"
        self._who, self._count, self._pid = uuid4().hex, count(), os.getpid()

    def _push(self, rings: Sequence[Ring]) -> None:
        with self._channel.conn_or_acquire() as client:
            pipe = client.pipeline(transaction=False)
            for ring in rings:
                text = self._made.get(ring)
                if text is None:
                    text = self._made[ring] = self._make(*ring)
                name = f"{self._who}-{next(self._count)}"
                pipe.lpush(ring[0], text.replace(ID, name).replace(TAG, name))
            for queue in {ring[0] for ring in rings}:
                pipe.ltrim(queue, 0, MOST - 1)
            pipe.execute()

    def _make(self, queue: str, task: str, arguments: tuple[Any, ...]) -> str:
        """The message as kombu's own Redis transport would push it."""
        from kombu.serialization import dumps as serialise
        from kombu.utils.json import dumps

        message = self._app.amqp.as_task_v2(ID, task, args=arguments, kwargs={}, ignore_result=True)
        kind, encoding, body = serialise(message.body, "json")
        properties = {**message.properties, "delivery_mode": 2}
        payload = self._channel.prepare_message(body, None, kind, encoding, message.headers, properties)
        self._channel._inplace_augment_message(payload, "", queue)
        payload["properties"]["delivery_tag"] = TAG
        return str(dumps(payload))
