"""A rate limit holds over several processes: in no second more than the rate and its burst."""

from __future__ import annotations

import subprocess
import sys

from engine.runtime.store import Store

RATE, BURST, PROCESSES = 200, 50, 3
TAKER = """
import sys, time
from engine.runtime import keys
from engine.runtime.store import Store
store, klass, until = Store(sys.argv[1]), int(sys.argv[2]), time.monotonic() + 1.6
while time.monotonic() < until:
    pipe = store.redis.pipeline()  # one transaction: the instant is that of the grant
    store.call("gcra", [keys.rate("sms")], 200, 50, 7, klass, pipe=pipe)
    pipe.time()
    (granted, wait, _), (seconds, micros) = pipe.execute()
    if granted:
        print(seconds + micros / 1e6, granted)
    else:
        time.sleep(wait / 1000)
"""


def test_several_processes_together_keep_the_rate(redis_url: str) -> None:
    Store.open(redis_url).close()
    takers = [
        subprocess.Popen([sys.executable, "-c", TAKER, redis_url, klass], stdout=subprocess.PIPE, text=True)
        for klass in map(str, range(PROCESSES))
    ]
    lines = [line.split() for each in takers for line in each.communicate(timeout=60)[0].splitlines()]
    assert all(each.returncode == 0 for each in takers)
    taken = sorted((float(at), int(count)) for at, count in lines)
    whole = sum(count for _, count in taken)
    assert whole >= RATE  # it lets messages through
    for at, _ in taken:
        assert sum(count for other, count in taken if at <= other < at + 1) <= RATE + BURST + 1
    assert whole <= BURST + RATE * (taken[-1][0] - taken[0][0]) + 1
