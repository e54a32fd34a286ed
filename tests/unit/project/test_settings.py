"""Settings come from PARCOURS_* variables, are checked with a sentence, and keep their secrets."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.model.errors import SetupError
from engine.settings import PREFIX, Settings, environment, load


def test_nothing_needs_to_be_set() -> None:
    settings = load()

    assert (settings.api_host, settings.api_port, settings.redis_url) == ("127.0.0.1", 8750, None)
    assert settings.state_path == Path.cwd() / ".parcours"


def test_the_environment_is_read_and_what_is_given_goes_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARCOURS_API_PORT", "9000")
    monkeypatch.setenv("PARCOURS_API_KEYS", "one, two")

    assert load().api_port == 9000
    assert load(api_port=9001).api_port == 9001
    assert [key.get_secret_value() for key in load().api_keys] == ["one", "two"]


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARCOURS_REDIS_URL", "")

    assert load().redis_url is None


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("API_PORT", "many", "PARCOURS_API_PORT cannot be used: input should be a valid integer"),
        ("API_PORT", "70000", "PARCOURS_API_PORT cannot be used: input should be less than or equal to 65535"),
        ("DELIVERY", "liv", "PARCOURS_DELIVERY cannot be used: input should be 'outbox', 'allowlist' or 'live'"),
        ("REDIS_URL", "localhost:6379", "write a URL that starts with redis:// or rediss:// or unix://"),
        ("REDIS_ULR", "redis://h", "PARCOURS_REDIS_ULR is not a setting. Did you mean PARCOURS_REDIS_URL?"),
    ],
)
def test_a_bad_value_is_answered_with_a_sentence(
    name: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREFIX + name, value)

    with pytest.raises(SetupError) as caught:
        load()

    assert sentence in str(caught.value)


def test_all_bad_values_are_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARCOURS_API_PORT", "x")
    monkeypatch.setenv("PARCOURS_LOG_LEVEL", "loud")

    with pytest.raises(SetupError, match=r"API_PORT.*LOG_LEVEL"):
        load()


SECRETS = {
    "smtp_url": "smtp://shop:hush@mail.example:25",
    "redis_url": "redis://:hush@db.example",
    "broker_url": "amqp://shop:hush@mq.example",
    "webhook_secret": "hush",
    "link_secret": "hush",
    "api_keys": "hush,hush",
    "push_url": "https://push.example/hush",
    "sms_url": "https://sms.example/hush",
}


def test_no_secret_is_ever_printed() -> None:
    settings = load(**SECRETS)

    assert "hush" not in repr(settings) + str(settings)


@pytest.mark.parametrize("name", ["smtp_url", "redis_url", "broker_url"])
def test_a_refused_url_does_not_give_its_password_away(name: str) -> None:
    with pytest.raises(SetupError) as caught:
        load(**{name: "ftp://shop:hush@h"})

    assert "hush" not in str(caught.value)


def test_every_setting_is_described() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_a_child_process_loads_the_same_settings(tmp_path: Path) -> None:
    settings = load(workspace=tmp_path, advance_workers=3, **SECRETS)

    child = subprocess.run(
        [sys.executable, "-c", "from engine.settings import load; print(load().model_dump_json())"],
        env=environment(settings), capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert child.stdout.strip() == settings.model_dump_json()
    assert environment(settings)["PARCOURS_API_KEYS"] == "hush,hush"


def test_the_child_gets_what_the_parent_decided_not_what_it_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARCOURS_API_PORT", "9000")

    assert environment(load())["PARCOURS_API_PORT"] == "9000"
    assert environment(load(api_port=9001))["PARCOURS_API_PORT"] == "9001"


def test_each_host_of_a_cluster_has_its_own_port() -> None:
    several = "redis+cluster://user:pass@10.0.0.1:7001,10.0.0.2:7002,10.0.0.3:7003"
    assert load(redis_url=several).redis_url == several
    with pytest.raises(SetupError, match="no number from 0 to 65535"):
        load(redis_url="redis+cluster://10.0.0.1:7001,10.0.0.2:70000")
