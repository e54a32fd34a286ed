"""Jobs beside the pages: begun once, one at a time, bounded, and a fault of one is no fault of a page."""

from __future__ import annotations

import threading
import time

import msgspec

from engine.console.aside import WAITING, Aside


def until_done(aside: Aside, given: object) -> object:
    until = time.monotonic() + 10
    while not (job := aside.ask("lint", given)).done:
        assert time.monotonic() < until
        time.sleep(0.002)
    return job.fault or job.result


def test_the_same_question_is_one_job_and_the_page_gets_a_picture_of_it() -> None:
    asked: list[bytes] = []
    go = threading.Event()

    def do(name: str, packed: bytes) -> bytes:
        asked.append(packed)
        assert go.wait(10)
        return packed

    aside = Aside(do)
    first = aside.ask("lint", {"a": 1})
    go.set()
    assert until_done(aside, {"a": 1}) == {"a": 1}
    assert not first.done
    assert len(asked) == 1


def test_a_job_that_fails_says_why_and_the_next_is_done() -> None:
    def do(name: str, packed: bytes) -> bytes:
        if msgspec.msgpack.decode(packed) == "bad":
            raise RuntimeError("it died")
        return packed

    aside = Aside(do)
    assert until_done(aside, "bad") == "it died"
    assert until_done(aside, "good") == "good"


def test_no_more_is_taken_than_can_be_done_soon() -> None:
    go = threading.Event()

    def do(name: str, packed: bytes) -> bytes:
        assert go.wait(10)
        return packed

    aside = Aside(do)
    for number in range(WAITING):
        assert not aside.ask("lint", number).done
    refused = aside.ask("lint", "one more")
    go.set()
    assert refused.done
    assert "look again in a minute" in refused.fault
    assert until_done(aside, 0) == 0
