"""A worker that hears nothing notices it."""

from __future__ import annotations

from collections.abc import Callable

from engine.runtime.hearing import DEAF_LOOKS, Hearing


def looks(hearing: Hearing, count: int = DEAF_LOOKS) -> list[bool]:
    return [hearing.deaf() for _ in range(count)]


def test_who_hears_nothing_while_doorbells_wait_is_deaf_after_a_minute() -> None:
    assert looks(Hearing(lambda: 3)) == [False] * (DEAF_LOOKS - 1) + [True]


def test_who_has_heard_one_or_has_none_to_hear_is_not() -> None:
    hearing = Hearing(lambda: 3)
    looks(hearing, DEAF_LOOKS - 1)
    hearing.heard()
    assert not any(looks(hearing, DEAF_LOOKS))
    assert hearing.deaf()
    assert not any(looks(Hearing(lambda: 0), 2 * DEAF_LOOKS))


def test_a_broker_that_does_not_answer_proves_nothing() -> None:
    answers: list[Callable[[], int]] = [lambda: 3, lambda: 1 // 0]
    hearing = Hearing(lambda: answers[0]())
    looks(hearing, DEAF_LOOKS - 1)
    answers.reverse()
    assert not hearing.deaf()
    answers.reverse()
    assert looks(hearing) == [False] * (DEAF_LOOKS - 1) + [True]
