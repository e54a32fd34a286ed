"""What an installation has around its state: broker, workers, plan, clock, rules, providers, disk."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from engine import __version__
from engine.model.errors import ParcoursError
from engine.model.words import Words
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
        do = Words("Start it, or correct PARCOURS_BROKER_URL. Nothing is lost meanwhile; events are still taken in.")
        yield bad("broker", Words("does not answer: {name}", name=type(fault).__name__), do)
        return
    waiting = {queue: depth for queue, depth in depths.items() if depth}
    took = Words("answers in {number:.0f} ms", number=(time.monotonic() - begun) * 1000)
    said = ", ".join(f"{depth} in {queue}" for queue, depth in waiting.items()) or Words("no doorbell waits")
    if sum(waiting.values()) > 10_000:
        yield warn(
            "broker",
            Words("{took}; {said}", took=took, said=said),
            Words("Nobody hears the doorbells: start workers for these queues."),
        )
    else:
        yield ok("broker", Words("{took}; {said}", took=took, said=said))


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
    for kind, does in (("advance", Words("nobody moves customers")), ("deliver", Words("no message leaves"))):
        mine = [each for each in alive if each.kind in (kind, "both")]
        if mine:
            yield ok(Words("workers: {kind}", kind=kind), ", ".join(each.name for each in mine))
        else:
            yield bad(
                Words("workers: {kind}", kind=kind),
                Words("none alive: {does}", does=does),
                Words("Start one: parcours worker --{kind}", kind=kind),
            )
    others = [each for each in alive if _release(each) != (__version__, library()[0])]
    if others:
        said = ", ".join(sorted({f"{each.name} ({each.version})" for each in others}))
        do = Words("Fine while a release is rolled out; afterwards restart what was forgotten.")
        yield warn("releases", Words("this is {version}; other than this: {said}", version=__version__, said=said), do)
    else:
        yield ok("releases", Words("all of {version}, functions {each}", version=__version__, each=library()[0]))
    current = patient.store.pulse().plan
    behind = [each for each in deciding(patient.store) if current and each.plan != current]
    if behind:
        said = ", ".join(f"{each.name} ({each.plan})" for each in behind)
        yield warn(
            "plans",
            Words("not yet at {current}: {said}", current=current, said=said),
            Words("Within two seconds they should be; else see their logs."),
        )
    if gone:
        said = ", ".join(each.name for each in gone)
        yield warn(
            "vanished workers",
            Words("no sign for over {alive_ms}: {said}", alive_ms=span(ALIVE_MS), said=said),
            Words("Killed, or cut off; see its log."),
        )


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
            "plan",
            fault.words,
            Words("Publish it again with `parcours up`, or take the release it was made with."),
        )
        return
    yield ok("plan", Words("{plan}, {count} journeys", plan=pulse.plan, count=len(running.plan.journeys)))
    for word, names in ((Words("paused"), pulse.flags.paused), (Words("killed"), pulse.flags.killed)):
        if names:
            said = Words("everything") if "*" in names else ", ".join(sorted(names))
            yield warn(
                "stopped by hand",
                Words("{word}: {said}", word=word, said=said),
                Words("As long as that is meant, all is well."),
            )
    lacks = lacking(patient.settings, running.plan)
    mode = patient.settings.delivery or running.plan.policies.delivery
    if lacks:
        yield bad("delivery", lacks, Words("See docs/operations.md."))
    elif mode == "outbox":
        yield warn(
            "delivery",
            Words("outbox: messages become files, nothing real leaves"),
            Words("Set `delivery: live` when ready."),
        )
    else:
        yield ok("delivery", mode)


def clock(patient: Patient) -> Iterator[Finding]:
    """Is the server's time that of this machine, and is the engine's that of the server?"""
    begun = wall()
    reading = patient.store.clock()
    skew = abs(reading.server - (begun + wall()) * 500)
    found = Words("the server's differs by {skew:.1f} s from this machine's", skew=skew / 1000)
    if skew > MUCH_SKEW:
        yield bad("clock", found, Words("Run NTP on both: messages would leave at the wrong time."))
    elif skew > SKEW:
        yield warn("clock", found, Words("Run NTP on both."))
    else:
        yield ok("clock", found)
    if reading.held:
        yield bad(
            "engine time",
            Words("stands still (a test or a demo holds it)"),
            Words("Let it go: HDEL parcours:clock held_ms"),
        )
    elif abs(reading.engine - reading.server) > 0:
        found = Words("{engine} away from the server's", engine=span(abs(reading.engine - reading.server)))
        yield bad("engine time", found, Words("Only demos and tests set that: DEL parcours:clock"))
    else:
        yield ok("engine time", Words("the server's own"))


def rules(patient: Patient) -> Iterator[Finding]:
    """Is the extension that matches next-best-action rules there?"""
    try:
        import_module("durable_rules_engine")
    except ImportError as fault:
        do = Words(
            "Install it again with a C compiler and Python headers; see the README. Until then Python answers, slower."
        )
        yield warn("durable-rules", Words("cannot be imported: {fault}", fault=fault), do)
        return
    for each in deciding(patient.store):
        if each.rules == "python":
            do = Words(
                "Its log says what durable_rules said of a trial of the rules. The answers are right, and slower."
            )
            yield warn("durable-rules", Words("{name} answers its rules without it", name=each.name), do)
        elif each.failures:
            do = Words("Nothing was lost: the compiled rules gave them. Its log says why.")
            yield warn(
                "durable-rules",
                Words("it owed {failures:,} answers to {name}", failures=each.failures, name=each.name),
                do,
            )
    yield ok("durable-rules", Words("its extension is there"))


def learning(patient: Patient) -> Iterator[Finding]:
    """Does the plan ask for a contextual model, and is there what makes one?"""
    from engine.runtime.contextual import installed
    from engine.runtime.plans import PublishedPlans

    fingerprint = patient.store.pulse().plan
    features = PublishedPlans(patient.store).at(fingerprint).plan.policies.learning.features if fingerprint else ()
    if not features:
        return
    if installed():
        yield ok(
            "learning",
            Words("a contextual model tells customers apart by {features}", features=", ".join(features)),
        )
    else:
        do = Words(
            "pip install 'parcours[river]' where maintenance tasks run. Until then the counts alone are learned from."
        )
        yield warn("learning", Words("the policies name features, and river is not installed"), do)


def disk(patient: Patient) -> Iterator[Finding]:
    """Is there room where this machine keeps what it must not lose?"""
    folder = patient.settings.state_path
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    found = Words("{free:,.1f} GB free at {folder}", free=free / 1e9, folder=folder)
    if free < HARDLY_ROOM:
        yield bad("disk", found, Words("Make room now: without it the append-only file cannot grow."))
    elif free < LITTLE_ROOM:
        yield warn(
            "disk",
            found,
            Words("Make room: the append-only file is rewritten from time to time and needs twice its size."),
        )
    else:
        yield ok("disk", found)
