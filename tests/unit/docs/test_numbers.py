"""Numbers that the documentation states are those of the code."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from engine.api.body import LARGEST
from engine.api.events import MOST
from engine.cli.main import main
from engine.define.events import LONGEST_ID, LONGEST_TEXT, MOST_ITEMS
from engine.journey.apply import MOST_OBJECTS
from engine.journey.arrival import MOST_AHEAD
from engine.journey.conclude import MOST_ROUNDS
from engine.journey.leave import LOOK_AGAIN_UNAVAILABLE
from engine.journey.runs import MOST_STEPS
from engine.journey.settle import BACKOFF
from engine.journey.steps.emit import DEEPEST
from engine.journey.steps.repeat import MOST as MOST_REPEATS
from engine.model.ids import SHARDS
from engine.model.span import DAY, MINUTE, SECOND
from engine.runtime.advance import BATCH, MOST_DELIVERIES
from engine.runtime.commit import KEEP_MESSAGE, SENDING_LEASE
from engine.runtime.engine import LOG_MOST, SEEN_DAYS
from engine.runtime.ticker import TICK_SECONDS
from engine.testing.run import LONGEST_TAIL
from tests.unit.docs.pages import ROOT

SAID = [
    ("journeys.md", f"more than {MOST_STEPS:,} steps without a wait"),
    ("journeys.md", f"When {DEEPEST} events have emitted one another"),
    ("journeys.md", f"{DEEPEST} events that emitted one another"),
    ("journeys.md", f"from 1 to {MOST_REPEATS}."),
    ("segments.md", f"{MOST_ROUNDS} rounds are the end"),
    ("vocabulary.md", f"up to {LONGEST_TEXT:,} characters"),
    ("vocabulary.md", f"of up to {MOST_ITEMS:,} members"),
    ("vocabulary.md", f"at most {MOST_OBJECTS} objects"),
    ("semantics.md", f"more than {MOST_AHEAD // MINUTE} minutes after arrival"),
    ("semantics.md", "about {}, {}, {} and {} seconds".format(*BACKOFF)),
    ("semantics.md", f"again every {LOOK_AGAIN_UNAVAILABLE // MINUTE} minutes"),
    ("semantics.md", f"lease ends after {SENDING_LEASE // SECOND} seconds"),
    ("semantics.md", f"remembered for {SEEN_DAYS} days"),
    ("operations.md", f"remembered for {SEEN_DAYS} days"),
    ("operations.md", f"outcome | {KEEP_MESSAGE // DAY} days"),
    ("operations.md", f"about {LOG_MOST:,} entries"),
    ("archive.md", f"more than {LOG_MOST:,}, the newest"),
    ("operations.md", f"a list of up to {MOST:,}"),
    ("operations.md", f"more than {LARGEST:,} bytes or {MOST:,} events"),
    ("simulate.md", f"up to {LONGEST_ID} characters"),
    ("simulate.md", f"at most {LONGEST_TAIL // DAY} days after"),
    ("simulate.md", f"more than {MOST_AHEAD // MINUTE} minutes after the arrival"),
    ("architecture.md", f"live in {SHARDS} shards"),
    ("architecture.md", f"up to {BATCH} entries"),
]


@pytest.mark.parametrize(("page", "words"), SAID)
def test_the_page_says_what_the_code_does(page: str, words: str) -> None:
    assert words in (ROOT / "docs" / page).read_text("utf-8")


def test_numbers_that_are_written_as_words() -> None:
    # "died three times over it"; "twice a second"; "costs half a second"
    assert (MOST_DELIVERIES, TICK_SECONDS) == (3, 0.5)


def test_serve_says_which_settings_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "PARCOURS_REDIS_URL is not set" in CliRunner().invoke(main, ["serve"]).output
    monkeypatch.setenv("PARCOURS_REDIS_URL", "redis://127.0.0.1:1/0")
    assert "PARCOURS_API_KEYS is not set" in CliRunner().invoke(main, ["serve"]).output
