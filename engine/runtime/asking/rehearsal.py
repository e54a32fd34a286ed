"""Asking as a channel app would, without anything coming of it: for people who want to see what would be answered.

The answer is not written down: it is no decision of the log, no showing, no metric, and takes no voucher code.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.model.profile import Profile
from engine.render.outside import SAMPLE
from engine.runtime.asking.asker import opened
from engine.runtime.asking.deciding import Deciding
from engine.runtime.asking.fetch import Reader
from engine.runtime.asking.latest import Known
from engine.runtime.asking.question import Question
from engine.runtime.engine import Engine
from engine.runtime.plans import Running

PATIENCE = 5.0  # seconds
NAME = "rehearsal"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """`body` is what a channel app would be told, as plain data; `profile` whom it was decided for, `plan` by what."""

    body: dict[str, Any]
    profile: Profile
    running: Running
    known: bool
    seconds: float


def rehearse(engine: Engine, question: Question) -> Rehearsed:
    """What `question` would be answered now. Reads, and writes nothing.

    Links of messages and voucher codes are samples. Raises SetupError while nothing is published, StoreError.
    """
    begun = time.monotonic()
    pulse = engine.store.pulse()
    running = engine.plans.at(pulse.plan)
    if running.renderer is not None:
        running = Running(running.plan, partial(running.renderer.render, outside=SAMPLE), running.renderer)
    known, found = Known(pulse, running), Reader(engine).read(question)
    profile = opened(known, found)
    engine.plans.provide(running, profile)
    made = Deciding(known, question, found, profile, NAME, begun + PATIENCE)
    return Rehearsed(made.body, profile, running, found.blob is not None, time.monotonic() - begun)
