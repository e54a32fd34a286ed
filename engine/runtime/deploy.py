"""Deploying: publish as one whole, and see to it that everybody who decides has taken it up."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from engine.model.errors import DefinitionError
from engine.runtime.planning import examine
from engine.runtime.plans import decides_otherwise, publish, sources_of
from engine.runtime.releases import Decides, deciding
from engine.runtime.store import Store

TAKE_UP_SECONDS = 10.0
LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Deployed:
    """What came of it: the processes that decide by `plan` now, those that do not yet, and how long it took."""

    plan: str
    taken: tuple[Decides, ...]
    late: tuple[Decides, ...]
    seconds: float


def deploy(store: Store, sources: Mapping[str, str], by: str, before: str) -> Deployed:
    """Publish `sources` over the plan `before`, and wait until all have taken it up.

    Raises DefinitionError, and Conflict when another plan is deployed by now.
    """
    started, was = time.monotonic(), sources_of(store, before)
    plan = publish(store, sources, by, before=before).fingerprint
    while True:
        found = deciding(store)
        late = tuple(each for each in found if each.plan != plan)
        if not late or time.monotonic() - started > TAKE_UP_SECONDS:
            break
        time.sleep(LOOK_SECONDS)
    seconds = time.monotonic() - started
    if found and not late and was is not None and decides_otherwise(was, sources):
        store.wake_everyone()  # whoever was looked at by a process that had not heard of it yet
    return Deployed(plan, tuple(each for each in found if each.plan == plan), late, seconds)


def publish_checked(store: Store, sources: Mapping[str, str], by: str) -> str:
    """Publish what an installation starts with, after the same questions that a deploy asks; its fingerprint.

    What is deployed already starts again, whatever is asked of newer releases. Raises DefinitionError with all that
    forbids it, and Conflict when somebody else deploys at the same time.
    """
    outlook = examine(store, sources)
    if outlook.problems and not outlook.nothing:
        raise DefinitionError(outlook.problems)
    return publish(store, sources, by, before=outlook.deployed).fingerprint
