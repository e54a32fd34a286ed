"""The supervisor, tried on real child processes that misbehave in every way it must survive."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from engine.model.errors import SetupError
from engine.runtime.supervise import Program, Supervisor

SLEEP = "import time; time.sleep(60)"


def python(name: str, code: str, ready: Callable[[], bool] | None = None) -> Program:
    """A program that runs this Python code, its output unbuffered."""
    return Program(name, [sys.executable, "-u", "-c", textwrap.dedent(code)], dict(os.environ), ready=ready)


def alive(pid: int) -> bool:
    """Whether the process still runs (a zombie does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def until(holds: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether it came to hold in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.01)
    return holds()


def run_until(supervisor: Supervisor, holds: Callable[[], bool]) -> None:
    """Run until it holds, then stop; fails when that never comes."""
    seen: list[bool] = []

    def watch() -> None:
        seen.append(until(holds))
        supervisor.stop()

    watcher = threading.Thread(target=watch)
    watcher.start()
    supervisor.run()
    watcher.join()
    assert seen == [True]


def test_output_is_prefixed_with_the_name_line_by_line() -> None:
    out = io.StringIO()
    supervisor = Supervisor([python("api", f"print('one\\ntwo'); {SLEEP}"), python("worker", SLEEP)], out)

    run_until(supervisor, lambda: "two" in out.getvalue())

    assert "api    | one\napi    | two\n" in out.getvalue()


def test_the_next_program_starts_when_the_one_before_is_ready(tmp_path: Path) -> None:
    out = io.StringIO()
    flag = tmp_path / "ready"
    first = python(
        "first", f"import time; time.sleep(0.3); open({str(flag)!r}, 'w'); print('up'); {SLEEP}", flag.exists
    )
    second = python("second", f"import os; print('saw', os.path.exists({str(flag)!r})); {SLEEP}")

    run_until(Supervisor([first, second], out), lambda: "saw" in out.getvalue())

    assert "saw True" in out.getvalue()


def test_all_ready_is_told_once() -> None:
    told: list[bool] = []
    supervisor = Supervisor([python("a", SLEEP)], io.StringIO(), on_ready=lambda: told.append(True))

    run_until(supervisor, lambda: bool(told))

    assert told == [True]


def test_who_is_never_ready_stops_everything() -> None:
    out = io.StringIO()
    programs = [
        python("fine", f"import os; print('pid', os.getpid()); {SLEEP}"),
        python("stuck", SLEEP, ready=lambda: "pid" in out.getvalue() and False),
    ]

    with pytest.raises(SetupError, match="stuck was not ready after 1 seconds"):
        Supervisor(programs, out, ready_seconds=1).run()

    assert not alive(pid_in(out))


def test_what_dies_is_started_again(tmp_path: Path) -> None:
    out = io.StringIO()
    supervisor = Supervisor([python("worker", "print('born'); raise SystemExit(3)")], out, pause_seconds=0.01)

    run_until(supervisor, lambda: out.getvalue().count("born") == 3)

    assert "worker | died (exit code 3); starts again in 0.01 s" in out.getvalue()


def test_what_keeps_dying_stops_everything_with_a_sentence() -> None:
    out = io.StringIO()
    programs = [
        python("fine", f"import os; print('pid', os.getpid()); {SLEEP}"),
        python(
            "broken", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)", ready=lambda: "pid" in out.getvalue()
        ),
    ]

    with pytest.raises(SetupError, match=r"broken died 5 times soon after its start \(SIGKILL\)"):
        Supervisor(programs, out, pause_seconds=0.01).run()

    assert not alive(pid_in(out))


def test_programs_stop_in_reverse_order() -> None:
    out = io.StringIO()
    code = """
        import signal, sys, time
        signal.signal(signal.SIGTERM, lambda *_: (print('bye'), sys.exit(0)))
        print('up')
        time.sleep(60)
    """
    supervisor = Supervisor([python("api", code), python("worker", code)], out)

    run_until(supervisor, lambda: out.getvalue().count("up") == 2)

    assert re.findall(r"(\w+) +\| bye", out.getvalue()) == ["worker", "api"]


def test_who_ignores_the_request_is_killed_and_told_of() -> None:
    out = io.StringIO()
    code = f"import os, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('pid', os.getpid()); {SLEEP}"
    supervisor = Supervisor([python("deaf", code)], out, stop_seconds=0.3)

    run_until(supervisor, lambda: "pid" in out.getvalue())

    assert not alive(pid_in(out))
    assert "deaf | did not stop in 0.3 s and was killed" in out.getvalue()


@pytest.mark.parametrize("end", ["time.sleep(60)", "sys.exit(1)"])  # asked to stop, or died by itself
def test_grandchildren_go_too(end: str) -> None:
    out = io.StringIO()
    code = f"""
        import os, signal, sys, time
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            print('pid', os.getpid())
            time.sleep(60)
        time.sleep(0.3)
        {end}
    """
    supervisor = Supervisor([python("forks", code)], out, pause_seconds=30)

    run_until(supervisor, lambda: "pid" in out.getvalue() and ("exit" not in end or "died" in out.getvalue()))

    assert until(lambda: not alive(pid_in(out)))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_whole_house_quietly(number: signal.Signals) -> None:
    with house() as supervisor:
        pid = first_pid(supervisor)
        supervisor.send_signal(number)

        assert supervisor.wait(10) == 0
        assert not alive(pid)


def test_a_signal_may_come_at_any_line() -> None:
    # given a supervisor that gets its signal at the first line it runs, at the second, and so on
    code = """
        import io, os, signal, sys
        from engine.runtime import supervise

        supervise.LOOK_SECONDS = 0.0
        for line in range(1, 400):
            left = [line]

            def trace(*_):
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGTERM)
                return trace

            supervisor = supervise.Supervisor([], io.StringIO())
            with supervise._signals_to(supervisor._on_signal):  # from the very first line
                sys.settrace(trace)
                supervisor.run()
                sys.settrace(None)
    """
    # then it always ends
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True, timeout=20)


def test_programs_may_still_write_when_nobody_reads_the_supervisor(tmp_path: Path) -> None:
    # given a supervisor that writes to where nobody reads any more
    read, write = os.pipe()
    os.close(read)
    written = tmp_path / "written"
    code = f"print('x' * 300_000); open({str(written)!r}, 'w'); {SLEEP}"
    # when a program says more than a pipe holds, then it goes on
    with suppress(BrokenPipeError), os.fdopen(write, "w") as out:
        run_until(Supervisor([python("loud", code)], out), written.exists)
    assert written.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's leash is Linux only")
def test_no_program_outlives_a_killed_supervisor() -> None:
    with house() as supervisor:
        pid = first_pid(supervisor)
        supervisor.kill()
        supervisor.wait(10)

        assert until(lambda: not alive(pid))


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(SetupError, match="worker cannot be started: there is no program /no/such"):
        Supervisor([Program("worker", ["/no/such"], {})], io.StringIO()).run()


def house() -> subprocess.Popen[str]:
    """A supervisor in a process of its own, with one child that prints its pid."""
    code = """
        import os, sys
        from engine.runtime.supervise import Program, Supervisor
        child = "import os, time; print('pid', os.getpid(), flush=True); time.sleep(60)"
        Supervisor([Program("child", [sys.executable, "-c", child], dict(os.environ))]).run()
    """
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True)


def first_pid(supervisor: subprocess.Popen[str]) -> int:
    assert supervisor.stdout
    return int(supervisor.stdout.readline().rpartition(" ")[2])


def pid_in(out: io.StringIO) -> int:
    found = re.search(r"pid (\d+)", out.getvalue())
    assert found
    return int(found[1])
