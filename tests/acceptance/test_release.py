"""Real workers: a deploy is taken up within two seconds and without a restart, a kill stops within two seconds."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli.main import main
from engine.model.event import Event
from engine.runtime.app import bells_of
from engine.runtime.embedded import broker_url_of
from engine.runtime.engine import Engine
from engine.settings import load

LONGEST_SECONDS = 2.0
BRAND = "brand: {name: Fernhill, legal: {email: {en: Fernhill}}}\n"
VOCABULARY = """
vocabulary:
  identifiers: {customer_id: strong, email: weak}
  events:
    account_created: {properties: {email: text}}
"""
POLICIES = "policies: {timezone: UTC, purposes: {service: {transactional: true}}}\n"
SLOW = "policies: {timezone: UTC, purposes: {service: {transactional: true}}, rates: {email: 20/s}}\n"
WELCOME = """
journey: welcome
purpose: service
start: {event: account_created}
steps: [{send: MESSAGE, via: email}]
"""
TEMPLATE = """{% extends layout %}
{% block headline %}Words{% endblock %}
{% block subject %}Words{% endblock %}
{% block summary %}Words{% endblock %}
"""


@pytest.fixture
def workspace(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    given = {
        "PARCOURS_REDIS_URL": redis_url,
        "PARCOURS_BROKER_URL": broker_url_of(redis_url),
        "PARCOURS_WORKSPACE": str(tmp_path),
        "PARCOURS_ADVANCE_WORKERS": "1",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    files = {"brand": BRAND, "vocabulary": VOCABULARY, "policies": POLICIES, "welcome": WELCOME}
    (tmp_path / "journeys").mkdir()
    (tmp_path / "templates/messages").mkdir(parents=True)
    for name, text in files.items():
        (tmp_path / f"journeys/{name}.yaml").write_text(text.replace("MESSAGE", "first"))
    for name in ("first", "second"):
        (tmp_path / f"templates/messages/{name}.j2").write_text(TEMPLATE)
    assert said("deploy").startswith("Deployed")
    return tmp_path


@pytest.fixture
def workers(workspace: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """One that advances and one that delivers, each with its process group."""
    started = []
    for kind in ("--advance", "--deliver"):
        with (workspace / f"worker{kind}.log").open("ab") as log:
            started.append(
                subprocess.Popen(
                    [sys.executable, "-m", "engine", "worker", kind],
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )
    yield started
    for process in started:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def engine(workspace: Path, redis_url: str) -> Iterator[Engine]:
    settings = load()
    engine = Engine.of(settings, redis_url, bells_of(settings))
    yield engine
    engine.close()


def said(*words: str) -> str:
    answer = CliRunner().invoke(main, words)
    assert answer.exit_code == 0, answer.output
    return answer.output


def join(engine: Engine, who: str) -> None:
    now = engine.store.clock().engine
    profile = {"customer_id": who, "email": f"{who}@example.com"}
    engine.accept([Event(id=f"join-{who}", name="account_created", profile=profile, at=now, received=now)])


def letters(workspace: Path, message: str = "") -> list[str]:
    """The messages that have left."""
    return [path.name for path in workspace.glob(f"outbox/*/*-email-{message}*.html")]


def test_a_deploy_is_taken_up_and_a_kill_stops_within_two_seconds(
    workspace: Path, workers: list[subprocess.Popen[bytes]], engine: Engine
) -> None:
    # given workers that have sent something
    join(engine, "ana")
    assert within(40.0, lambda: len(letters(workspace, "first")) == 1)
    # when another plan is deployed
    (workspace / "journeys/welcome.yaml").write_text(WELCOME.replace("MESSAGE", "second"))
    (workspace / "journeys/policies.yaml").write_text(SLOW)
    answer = said("deploy")
    # then both decide by it soon, and nothing was restarted
    found = re.fullmatch(r"Deployed \w+ in (\d+\.\d) s; (\d+) processes decide by it\.\n", answer)
    assert found is not None, answer
    print(f"taken up within {found[1]} s")  # shown by -s
    assert (float(found[1]) <= LONGEST_SECONDS, found[2]) == (True, "2"), answer
    assert [process.poll() for process in workers] == [None, None]
    # given many messages that leave by its rate of twenty a second
    for number in range(200):
        join(engine, f"c{number}")
    assert within(30.0, lambda: len(letters(workspace, "second")) >= 10)
    # when the journey is killed
    begun = time.time()
    said("kill", "welcome")
    stopped = letters(workspace)
    time.sleep(1.0)
    # then nothing leaves any more once the command is back, and everybody's run ends
    assert letters(workspace) == stopped
    assert len(stopped) < 150
    last = max(path.stat().st_mtime for path in workspace.glob("outbox/*/*-email-*.html")) - begun
    print(f"stopped within {max(last, 0):.2f} s")
    assert last <= LONGEST_SECONDS
    assert len(letters(workspace, "first")) == 1  # nobody met the older plan after the deploy
    assert within(20.0, lambda: said("plan").count("People inside") == 0)


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    """Whether it comes to hold within so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.1)
    return False
