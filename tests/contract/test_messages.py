"""What became of messages: the latest, those nobody is sure about, one of them whole."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from engine.cli.main import main
from engine.model.errors import SetupError
from engine.model.message import Outgoing, SendOutcome
from engine.runtime import keys
from engine.runtime.clock import Clock
from engine.runtime.messages import doubtful, latest, message
from engine.runtime.pump import drain
from engine.runtime.store import Store
from tests.contract.shop import HOUR, START, Recording, agreed, joined, shop


def answers(outgoing: Outgoing) -> SendOutcome:
    return SendOutcome("unknown", "no answer") if outgoing.message == "offer" else SendOutcome("accepted")


def test_what_nobody_is_sure_about_is_listed(store: Store) -> None:
    engine = shop(store, Recording(answers))
    engine.accept([agreed(), joined()])
    drain(engine)
    assert doubtful(store, 10) == []
    Clock(store).hold(START + 2 * HOUR)
    drain(engine)
    (found,) = doubtful(store, 10)
    assert (found.message, found.channel, found.outcome, found.reason) == ("offer", "email", "unknown", "no answer")
    assert found.provider == "email:recording"
    # and forgotten with what is kept of messages, not before
    engine.sweep()
    assert len(doubtful(store, 10)) == 1


@pytest.mark.parametrize(("idempotent", "listed"), [(False, 1), (True, 0)])
def test_what_was_handed_over_again_after_a_death_is_listed_unless_the_provider_ignores_repeats(
    store: Store, idempotent: bool, listed: int
) -> None:
    def dies(outgoing: Outgoing) -> SendOutcome:
        if len(provider.sent) == 1:
            raise KeyboardInterrupt
        return SendOutcome("accepted")

    provider = Recording(dies, idempotent)
    engine = shop(store, provider)
    engine.accept([joined()])
    with pytest.raises(KeyboardInterrupt):
        drain(engine)
    for shard in keys.EVERY_SHARD:
        for member in store.redis.zrange(keys.sending(shard), 0, -1):
            store.redis.zadd(keys.sending(shard), {member: 1})
    engine.sweep()
    assert len(provider.sent) == 2
    assert [each.outcome for each in doubtful(store, 10)] == ["accepted"] * listed


def test_a_message_is_shown_with_its_text_and_while_it_waits(store: Store) -> None:
    provider = Recording(lambda outgoing: SendOutcome("retry", "HTTP 503"))
    engine = shop(store, provider)
    engine.accept([joined()])
    drain(engine)
    found = message(store, provider.sent[0].message_id)
    assert (found.outcome, found.reason, found.attempt) == ("retry", "HTTP 503", provider.sent[0].attempt_id)
    assert found.parts == provider.sent[0].rendered.parts
    assert (found.waiting["status"], found.waiting["retries"]) == ("planned", 1)
    assert [each.kind for each in latest(store, 10)] == ["retried"]
    assert latest(store, 10, "another") == []
    for wrong in ("", "x", "m", "mzz", "m0a", "c" + found.id):
        with pytest.raises(SetupError, match="parcours messages list"):
            message(store, wrong)


def test_the_command(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARCOURS_REDIS_URL", store.url.partition(",")[0])
    provider = Recording(answers)
    engine = shop(store, provider)

    def run(*arguments: str) -> str:
        answer = CliRunner().invoke(main, ["messages", *arguments])
        assert answer.exit_code == 0, answer.output
        return answer.output

    assert "No messages" in run("list")
    assert "in doubt" in run("list", "--unknown")
    engine.accept([agreed(), joined()])
    drain(engine)
    Clock(store).hold(START + 2 * HOUR)
    drain(engine)
    rows = [json.loads(line) for line in run("list", "--json").splitlines()]
    assert [(row["message"], row["status"]) for row in rows] == [("offer", "unknown"), ("welcome", "sent")]
    assert "offer" in run("list", "--unknown")
    assert "Ten percent" in run("show", rows[0]["id"])
    assert json.loads(run("show", rows[0]["id"], "--json"))["status"] == "unknown"
