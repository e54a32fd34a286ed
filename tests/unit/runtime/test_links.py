"""Conversations with Redis: an answer belongs to who asked, whatever breaks in between."""

from __future__ import annotations

import os
from typing import Any

import pytest
import redis

from engine.runtime.client import OneServer, connect
from engine.runtime.links import Links


@pytest.fixture
def client(redis_url: str) -> Any:
    found = connect(redis_url)
    assert isinstance(found, OneServer)
    return found


def test_answers_come_in_order_and_an_error_stands_in_its_place(client: Any) -> None:
    pipe = client.pipeline(transaction=False)
    pipe.set("a", "1")
    pipe.lpush("a", "2")
    pipe.zadd("z", {"m": 3})
    pipe.zrange("z", 0, -1, withscores=True)
    pipe.hgetall("nothing")
    answers = pipe.execute(raise_on_error=False)
    assert answers[0] is True
    assert isinstance(answers[1], redis.ResponseError)
    assert answers[2:] == [1, [(b"m", 3.0)], {}]


def test_one_connection_serves_one_conversation_after_the_other(client: Any) -> None:
    for _ in range(5):
        client.pipeline(transaction=False).ping().execute()
    assert client.connection_pool._created_connections == 1


def test_a_connection_that_broke_meanwhile_is_opened_again(client: Any) -> None:
    own = client.pipeline(transaction=False).client_id().execute()[0]
    client.client_kill_filter(_id=own)
    assert client.pipeline(transaction=False).set("a", "1").get("a").execute() == [True, b"1"]


def test_an_interrupted_conversation_leaves_no_answer_for_the_next(
    client: Any,
) -> None:
    links = client.links

    class Stopped(BaseException):
        pass

    def stop(*_: object) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        links.ask([(("ECHO", "mine"), {}), (("ECHO", "also mine"), {})], {"ECHO": stop})
    assert links.ask([(("ECHO", "yours"), {})], {}) == [b"yours"]


def test_a_forked_process_begins_with_no_connection(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    links: Links = client.links
    links.ask([(("PING",), {})], {})
    kept = links._idle[0]
    monkeypatch.setattr("engine.runtime.links.os.getpid", lambda: os.getppid())
    assert links._take() is not kept
