"""The troubles of one round, drawn with a seed: each is something that happens to a whole installation."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from random import Random

from tests.crash.sink import ACCEPT, ACCEPT_AND_DROP, ACCEPT_AND_HANG, DROP, LATER, NEVER
from tests.crash.system import System

Trouble = Callable[[System, Random], None]
ADVANCING, DELIVERING = ("advance-1", "advance-2"), ("deliver-1", "deliver-2")


def kill_worker(system: System, chance: Random) -> None:
    system.processes.kill(chance.choice(ADVANCING + DELIVERING))


def kill_sender(system: System, chance: Random) -> None:
    system.processes.kill(chance.choice(DELIVERING))


def kill_child(system: System, chance: Random) -> None:
    system.processes.kill_child(chance.choice(ADVANCING), chance.choice)


def kill_api(system: System, chance: Random) -> None:
    system.processes.kill("api")


def kill_beat(system: System, chance: Random) -> None:
    system.processes.kill(chance.choice(("beat-1", "beat-2")))


def kill_redis(system: System, chance: Random) -> None:
    """State and broker at once; both come back from the append-only file."""
    system.redis.kill()


def flush_functions(system: System, chance: Random) -> None:
    system.store.redis.function_flush()


def cut_broker(system: System, chance: Random) -> None:
    system.proxy.cut()
    time.sleep(chance.uniform(0.5, 2.0))
    system.proxy.mend()


def slow_broker(system: System, chance: Random) -> None:
    system.proxy.delay = 0.1
    time.sleep(chance.uniform(0.5, 1.5))
    system.proxy.delay = 0.0


def set_clock_back(system: System, chance: Random) -> None:
    """The stored offset is lowered by half a minute, and put right a moment later."""
    system.clock.run_from(system.clock.now() - 30_000)
    time.sleep(1.0)
    system.clock.real()


def freeze(system: System, name: str, seconds: float) -> threading.Timer:
    """SIGSTOP now, SIGCONT later: by then its leases have ended and others have taken its work."""
    timer = threading.Timer(seconds, system.processes.thaw, [system.processes.freeze(name)])
    timer.daemon = True
    timer.start()
    return timer


EVERY: tuple[Trouble, ...] = (
    kill_child,
    kill_sender,
    kill_redis,
    kill_api,
    cut_broker,
    kill_worker,
    flush_functions,
    set_clock_back,
    slow_broker,
    kill_beat,
)
KILLS: tuple[Trouble, ...] = (kill_worker, kill_worker, kill_sender, kill_child)


def behave(order: str, before: int) -> str:
    """A mail server that takes everything."""
    return ACCEPT


def misbehave(order: str, before: int) -> str:
    """What the mail server does with an order that it was offered `before` times."""
    number = int(order.removeprefix("o"))
    if number % 43 == 7:
        return NEVER
    if number % 41 == 5 and before < 2:
        return LATER
    if before == 0:
        if number % 37 == 3:
            return ACCEPT_AND_DROP
        if number % 47 == 11:
            return DROP
        if number % 131 == 17:
            return ACCEPT_AND_HANG
    return ACCEPT
