"""Processes without pauses: what Python does now and then, for milliseconds, is done before or seldom."""

from __future__ import annotations

import gc
import sys

SWITCH_SECONDS = 0.0005  # after which a thread that computes lets another go on; Python's own is ten times as long
YOUNG = 20_000  # objects that are new before those among them are sought that nobody can reach
MIDDLE, OLD = 20, 50  # such searches before older objects are gone through, too


def calm() -> None:
    """For a process that answers at once: `settle`, and a thread at the back does not keep the one that answers."""
    settle()
    sys.setswitchinterval(SWITCH_SECONDS)


def settle() -> None:
    """To be called when all that stays for good is there: plans, templates, applications.

    What is there is not gone through again by the collector of garbage: with a plan of 500 actions that takes 100 ms,
    and a worker spent a twentieth of its time on it. The plans of a process stay with it in any case.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)


def stay_calm() -> None:
    """There is a new plan: where this process is calm, it remains so."""
    if gc.get_freeze_count():
        gc.freeze()
