"""What an installation has around its state: broker, workers, plan, clock, rules, providers, disk."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from engine import __version__
from engine.model.errors import ParcoursError
from engine.runtime.clock import wall
from engine.runtime.doctor.finding import Finding, Patient, bad, ok, span, warn
from engine.runtime.heartbeat import ALIVE_MS, Worker, workers
from engine.runtime.lua import library
from engine.runtime.releases import deciding

SKEW, MUCH_SKEW = 2_000, 30_000  # ms
LITTLE_ROOM, HARDLY_ROOM = 2e9, 2e8  # bytes


def broker(patient: Patient) -> Iterator[Finding]:
    """Does the broker answer, and does somebody take the doorbells?"""
    from engine.runtime.app import DELIVER_QUEUES, MAINTENANCE, make_app
    from engine.runtime.bells import ADVANCE
    from engine.runtime.celery_bells import CeleryBells

    app = make_app(patient.settings)
    begun = time.monotonic()
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=5)
        bells = CeleryBells(app, patient.store)
        depths = {queue: _depth(bells, queue) for queue in (ADVANCE, *DELIVER_QUEUES, MAINTENANCE)}
    except Exception as fault:  # each transport has errors of its own
        do = "Start it, or correct PARCOURS_BROKER_URL. Nothing is lost meanwhile; events are still taken in."
        yield bad("broker", f"does not answer: {type(fault).__name__}", do)
        return
    waiting = {queue: depth for queue, depth in depths.items() if depth}
    took = f"answers in {(time.monotonic() - begun) * 1000:.0f} ms"
    said = ", ".join(f"{depth} in {queue}" for queue, depth in waiting.items()) or "no doorbell waits"
    if sum(waiting.values()) > 10_000:
        yield warn("broker", f"{took}; {said}", "Nobody hears the doorbells: start workers for these queues.")
    else:
        yield ok("broker", f"{took}; {said}")


def _depth(bells: Any, queue: str) -> int:
    try:
        return int(bells.depth(queue))
    except Exception as fault:  # AMQP: a queue that nobody has used yet does not exist
        if type(fault).__name__ == "NotFound":
            return 0
        raise


def crew(patient: Patient) -> Iterator[Finding]:
    """Workers of each kind, and whether all are of one release."""
    alive, gone = workers(patient.store)
    for kind, does in (("advance", "nobody moves customers"), ("deliver", "no message leaves")):
        mine = [each for each in alive if each.kind in (kind, "both")]
        if mine:
            yield ok(f"workers: {kind}", ", ".join(each.name for each in mine))
        else:
            yield bad(f"workers: {kind}", f"none alive: {does}", f"Start one: parcours worker --{kind}")
    others = [each for each in alive if _release(each) != (__version__, library()[0])]
    if others:
        said = ", ".join(sorted({f"{each.name} ({each.version})" for each in others}))
        do = "Fine while a release is rolled out; afterwards restart what was forgotten."
        yield warn("releases", f"this is {__version__}; other than this: {said}", do)
    else:
        yield ok("releases", f"all of {__version__}, functions {library()[0]}")
    current = patient.store.pulse().plan
    behind = [each for each in deciding(patient.store) if current and each.plan != current]
    if behind:
        said = ", ".join(f"{each.name} ({each.plan})" for each in behind)
        yield warn("plans", f"not yet at {current}: {said}", "Within two seconds they should be; else see their logs.")
    if gone:
        said = ", ".join(each.name for each in gone)
        yield warn("vanished workers", f"no sign for over {span(ALIVE_MS)}: {said}", "Killed, or cut off; see its log.")


def _release(worker: Worker) -> tuple[str, str]:
    return worker.version, worker.functions


def plan(patient: Patient) -> Iterator[Finding]:
    """The current plan: is it there, can this release read it, and is anything stopped by hand?"""
    from engine.runtime.plans import PublishedPlans
    from engine.runtime.senders import lacking

    pulse = patient.store.pulse()
    try:
        running = PublishedPlans(patient.store).at(pulse.plan)
    except ParcoursError as fault:
        yield bad(
            "plan", fault.sentence(), "Publish it again with `parcours up`, or take the release it was made with."
        )
        return
    yield ok("plan", f"{pulse.plan}, {len(running.plan.journeys)} journeys")
    for word, names in (("paused", pulse.flags.paused), ("killed", pulse.flags.killed)):
        if names:
            said = "everything" if "*" in names else ", ".join(sorted(names))
            yield warn("stopped by hand", f"{word}: {said}", "As long as that is meant, all is well.")
    lacks = lacking(patient.settings, running.plan)
    mode = patient.settings.delivery or running.plan.policies.delivery
    if lacks:
        yield bad("delivery", lacks, "See docs/operations.md.")
    elif mode == "outbox":
        yield warn("delivery", "outbox: messages become files, nothing real leaves", "Set `delivery: live` when ready.")
    else:
        yield ok("delivery", mode)


def clock(patient: Patient) -> Iterator[Finding]:
    """Is the server's time that of this machine, and is the engine's that of the server?"""
    begun = wall()
    reading = patient.store.clock()
    skew = abs(reading.server - (begun + wall()) * 500)
    found = f"the server's differs by {skew / 1000:.1f} s from this machine's"
    if skew > MUCH_SKEW:
        yield bad("clock", found, "Run NTP on both: messages would leave at the wrong time.")
    elif skew > SKEW:
        yield warn("clock", found, "Run NTP on both.")
    else:
        yield ok("clock", found)
    if reading.held:
        yield bad("engine time", "stands still (a test or a demo holds it)", "Let it go: HDEL parcours:clock held_ms")
    elif abs(reading.engine - reading.server) > 0:
        found = f"{span(abs(reading.engine - reading.server))} away from the server's"
        yield bad("engine time", found, "Only demos and tests set that: DEL parcours:clock")
    else:
        yield ok("engine time", "the server's own")


def rules(patient: Patient) -> Iterator[Finding]:
    """Is the extension that matches next-best-action rules there?"""
    try:
        import_module("durable_rules_engine")
    except ImportError as fault:
        do = "Install it again with a C compiler and Python headers; see the README. Until then Python answers, slower."
        yield warn("durable-rules", f"cannot be imported: {fault}", do)
        return
    for each in deciding(patient.store):
        if each.rules == "python":
            do = "Its log says what durable_rules said of a trial of the rules. The answers are right, and slower."
            yield warn("durable-rules", f"{each.name} answers its rules without it", do)
        elif each.failures:
            do = "Nothing was lost: the compiled rules gave them. Its log says why."
            yield warn("durable-rules", f"it owed {each.failures:,} answers to {each.name}", do)
    yield ok("durable-rules", "its extension is there")


def learning(patient: Patient) -> Iterator[Finding]:
    """Does the plan ask for a contextual model, and is there what makes one?"""
    from engine.runtime.contextual import installed
    from engine.runtime.plans import PublishedPlans

    fingerprint = patient.store.pulse().plan
    features = PublishedPlans(patient.store).at(fingerprint).plan.policies.learning.features if fingerprint else ()
    if not features:
        return
    if installed():
        yield ok("learning", f"a contextual model tells customers apart by {', '.join(features)}")
    else:
        do = "pip install 'parcours[river]' where maintenance tasks run. Until then the counts alone are learned from."
        yield warn("learning", "the policies name features, and river is not installed", do)


def disk(patient: Patient) -> Iterator[Finding]:
    """Is there room where this machine keeps what it must not lose?"""
    folder = patient.settings.state_path
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    found = f"{free / 1e9:,.1f} GB free at {folder}"
    if free < HARDLY_ROOM:
        yield bad("disk", found, "Make room now: without it the append-only file cannot grow.")
    elif free < LITTLE_ROOM:
        yield warn(
            "disk", found, "Make room: the append-only file is rewritten from time to time and needs twice its size."
        )
    else:
        yield ok("disk", found)
