"""A real YAML language server offers what fits and marks what does not, with the schemas of a workspace."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli.main import main
from engine.journey.steps import BY_NAME
from tests.acceptance.language_server import LanguageServer, install
from tests.story import workspace

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shutil.which("node") and shutil.which("npm")),
        reason="needs node and npm to run the language server: apt-get install nodejs npm",
    ),
]
FIRST = "# yaml-language-server: $schema=../.parcours/schema/{kind}.json\n"
HEAD = FIRST.format(kind="journey") + "journey: j\nstart: {event: basket_updated}\nsteps:\n"


class Editor:
    """A folder with schemas, open in an editor."""

    def __init__(self, server: LanguageServer, folder: Path) -> None:
        self.server, self.folder, self.count = server, folder, 0

    def open(self, text: str) -> tuple[str, list[str]]:
        self.count += 1
        uri = (self.folder / "journeys" / f"open_{self.count}.yaml").as_uri()
        return uri, self.server.open(uri, text)

    def marked(self, text: str) -> list[str]:
        return self.open(text)[1]

    def offered(self, text: str) -> set[str]:
        """What is offered where the text has a `|`."""
        before = text.partition("|")[0]
        uri, _ = self.open(text.replace("|", "", 1))
        return self.server.offered(uri, before.count("\n"), len(before.rpartition("\n")[2]))


@pytest.fixture(scope="module")
def editor(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    folder = tmp_path_factory.mktemp("shop")
    for name, text in workspace(others=("placements:\n  web.home: {show: 1}\n",)).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    made = CliRunner().invoke(main, ["schema", str(folder)])
    assert made.exit_code == 0, made.output
    with LanguageServer(install(request.config.cache.mkdir("yaml-language-server"))) as server:
        yield Editor(server, folder)


def test_inside_a_step_the_other_keys_of_its_verb_are_offered(editor: Editor) -> None:
    offered = editor.offered(HEAD + "  - send: m1\n    via: email\n    |\n")

    assert {"purpose", "try_next_after", "time_to_live"} <= offered
    assert not {"via", "up_to", "then", "wait"} & offered


def test_a_new_step_offers_the_verbs(editor: Editor) -> None:
    assert set(BY_NAME) <= editor.offered(HEAD + "  - |\n")


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        (HEAD + "  - send: |\n", {"m1", "m2", "m3", "m4"}),
        (HEAD + "  - send: m1\n    via: |\n", {"email", "push", "sms", "store"}),
        (HEAD + "  - suggest: m1\n    placements: |\n", {"web.home"}),
        (HEAD + "  - wait_for: |\n", {"basket_viewed", "order_placed", "opened"}),
        (HEAD + "  - send: m1\n    via: email\n    purpose: |\n", {"marketing", "service"}),
        (HEAD + "  - if: x\n    then:\n      - send: |\n", {"m1"}),
    ],
)
def test_the_names_of_the_workspace_are_offered(editor: Editor, text: str, offered: set[str]) -> None:
    assert offered <= editor.offered(text)


def test_other_kinds_of_files_have_their_keys(editor: Editor) -> None:
    policies = FIRST.format(kind="policies") + "policies:\n  |\n"

    assert {"caps", "quiet_hours", "suppress"} <= editor.offered(policies)


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        (HEAD + "  - send: m1\n    via: email\n    vai: push\n", "7: Property vai is not allowed."),
        (HEAD + "  - sned: m1\n    via: email\n", "5: Property sned is not allowed."),
        (HEAD + "  - wait: 2d\n    stop: now\n", "6: Property stop is not allowed."),
        (HEAD + "  - wait_for: order_placed\n", '5: Missing property "up_to".'),
        (HEAD + "  - send: m1\n    via: emial\n", "6: Value is not accepted."),
        (HEAD + "  - if: x\n    then:\n      - send: m9\n        via: email\n", "7: Value is not accepted."),
        (HEAD.replace("basket_updated", "basket_update") + "  - wait: 2d\n", "3: Value is not accepted."),
        (FIRST.format(kind="policies") + "policies:\n  cap: []\n", "3: Property cap is not allowed."),
    ],
)
def test_planted_faults_are_marked_at_their_line(editor: Editor, text: str, marked: str) -> None:
    assert any(each.startswith(marked) for each in editor.marked(text))


STORY = FIRST.format(kind="tests") + "tests: j\ncases:\n  one:\n"


def test_a_story_has_its_words_its_events_and_their_properties(editor: Editor) -> None:
    assert {"at", "event", "expect", "ask"} <= editor.offered(STORY + "    - |\n")
    assert {"basket_viewed", "order_placed"} <= editor.offered(STORY + "    - at: 0m\n      event: |\n")
    assert "web.home" in editor.offered(STORY + "    - at: 0m\n      ask: |\n")
    assert {"sent", "held", "actions"} <= editor.offered(STORY + "    - at: 0m\n      expect:\n        |\n")
    assert editor.marked(STORY + "    - {at: 0m, event: basket_viewed, basket_id: b, expect: {sent: []}}\n") == []
    assert any(each.startswith("5: ") for each in editor.marked(STORY + "    - {at: 0m, evnt: basket_viewed}\n"))
    assert any(each.startswith("5: ") for each in editor.marked(STORY + "    - {at: 0m, expect: {send: []}}\n"))


def test_what_is_right_is_not_marked(editor: Editor) -> None:
    text = HEAD + (
        "  - send: m1\n    via: [push, email]\n    try_next_after: 3h\n"
        "  - split: test\n    arms:\n      a: {share: 50%, then: [{stop: now}]}\n      b: {share: 50%}\n"
        "  - repeat: 3\n    steps:\n      - wait: 2d\n      - update: {tier: gold}\n"
    )

    assert editor.marked(text) == []


def test_the_starter_is_not_marked(editor: Editor) -> None:
    starter = Path(__file__).resolve().parents[2]
    plain = editor.folder / "plain"
    assert CliRunner().invoke(main, ["schema", str(starter), "--out", str(plain)]).exit_code == 0
    for file in sorted((starter / "journeys").rglob("*.yaml")):
        text = file.read_text("utf-8")
        kind = next(line for line in text.splitlines() if line and not line.startswith("#")).partition(":")[0]
        first = f"# yaml-language-server: $schema={(plain / f'{kind}.json').as_uri()}\n"

        assert editor.marked(first + text) == [], file.name


def test_hovering_over_a_verb_tells_what_it_does(editor: Editor) -> None:
    uri, _ = editor.open(HEAD + "  - wait_for: order_placed\n    up_to: 3d\n")

    assert "Stand still until an event happens" in editor.server.hover(uri, 4, 6)
