"""`parcours schema` knows every kind of file, every verb and every key, and the names of the workspace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engine.cli.main import main
from engine.define.schema import Known, schemas
from engine.define.workspace import SINGLE
from engine.journey.steps import VERBS
from engine.journey.steps.step import Verb
from engine.testing.stories.schema import story_schema
from engine.testing.stories.shape import STEP
from tests.story import compiled, workspace

PLACEMENTS = "placements:\n  web.home: {show: 1}\n"
SEGMENTS = "segments:\n  loyal: customer.orders >= 12\n"


def journey(known: Known | None = None) -> dict[str, Any]:
    return schemas(known)["journey"]


@pytest.fixture(scope="module")
def known() -> Known:
    start = "journey: j\nstart: {event: booked}\nsteps: [{wait: 1d}]\n"
    return Known.of(compiled(start, others=(PLACEMENTS, SEGMENTS)))


def test_there_is_a_schema_for_every_kind_of_file() -> None:
    assert set(schemas()) == {"journey", "source", *SINGLE}


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_a_step_of_each_verb_has_the_keys_of_its_shape_and_its_documentation(verb: Verb) -> None:
    step = journey()["$defs"][verb.name]

    assert set(step["properties"]) == {field.alias or name for name, field in verb.Shape.model_fields.items()}
    assert verb.name in step["required"]
    assert "Example:" in step["properties"][verb.name]["description"]
    assert {"$ref": f"#/$defs/{verb.name}"} in journey()["$defs"]["step"]["anyOf"]


def test_blocks_hold_steps_and_arms_hold_blocks() -> None:
    defined = journey()["$defs"]

    assert defined["if"]["properties"]["then"]["anyOf"][0]["items"] == {"$ref": "#/$defs/step"}
    assert defined["repeat"]["properties"]["steps"]["items"] == {"$ref": "#/$defs/step"}
    assert defined["split"]["properties"]["arms"]["additionalProperties"] == {"$ref": "#/$defs/arm"}
    assert defined["arm"]["properties"]["then"]["items"] == {"$ref": "#/$defs/step"}


def test_every_reference_leads_somewhere() -> None:
    for kind, schema in schemas().items():
        for name in _references(schema):
            assert name in schema.get("$defs", {}), f"{kind}: {name}"


def test_the_names_of_a_workspace_are_offered(known: Known) -> None:
    defined = journey(known)["$defs"]
    start = defined["StartShape"]["properties"]

    assert "basket_updated" in start["event"]["anyOf"][0]["enum"]
    assert start["enters"]["anyOf"][0]["enum"] == ["loyal"]
    assert defined["send"]["properties"]["send"]["enum"] == ["m1", "m2", "m3", "m4"]
    assert defined["send"]["properties"]["purpose"]["anyOf"][0]["enum"] == ["marketing", "service"]
    assert defined["suggest"]["properties"]["placements"]["anyOf"][1]["items"]["enum"] == ["web.home"]
    assert "tier" in defined["update"]["properties"]["update"]["properties"]
    assert "store" in json.dumps(schemas(known)["policies"]["$defs"]["QuietShape"]["properties"]["channels"])


def test_without_a_workspace_any_name_will_do() -> None:
    assert "enum" not in json.dumps(journey()["$defs"]["StartShape"])


def test_the_command_writes_them_and_says_the_first_line(tmp_path: Path) -> None:
    for name, text in workspace().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")

    said = CliRunner().invoke(main, ["schema", str(tmp_path)])

    assert said.exit_code == 0, said.output
    assert "  # yaml-language-server: $schema=../.parcours/schema/journey.json\n" in said.output
    written = json.loads((tmp_path / ".parcours/schema/journey.json").read_text("utf-8"))
    assert "m1" in written["$defs"]["send"]["properties"]["send"]["enum"]


def test_the_command_works_outside_a_workspace(tmp_path: Path) -> None:
    said = CliRunner().invoke(main, ["schema", str(tmp_path), "--out", str(tmp_path / "schemas")])

    assert said.exit_code == 0, said.output
    assert "without names" in said.output
    assert {file.stem for file in (tmp_path / "schemas").iterdir()} == {*schemas(), "tests"}


def _references(schema: Any) -> set[str]:
    if isinstance(schema, dict):
        own = {schema["$ref"].rpartition("/")[2]} if isinstance(schema.get("$ref"), str) else set()
        return own | {name for each in schema.values() for name in _references(each)}
    return {name for each in schema for name in _references(each)} if isinstance(schema, list) else set()


def test_a_story_has_every_key_of_a_step_explained_and_the_names_of_the_workspace(known: Known) -> None:
    line = story_schema(known)["properties"]["cases"]["additionalProperties"]["items"]

    assert all(line["properties"][name]["description"] for name in STEP)
    assert "booked" in line["properties"]["event"]["enum"]
    assert "booking_id" in line["properties"]
    assert line["additionalProperties"] is False
    # without a workspace any property may stand there
    anywhere = story_schema()["properties"]["cases"]["additionalProperties"]["items"]
    assert anywhere["additionalProperties"] is True


def test_to_offers_the_declared_recipients_and_takes_a_path() -> None:
    policies = "policies:\n  recipients: {care: care@shop.example, boss: b@shop.example}\n"
    made = Known.of(compiled("journey: j\nstart: {event: booked}\nsteps: [{wait: 1d}]\n", policies=policies))
    to = journey(made)["$defs"]["send"]["properties"]["to"]
    assert to["anyOf"] == [{"enum": ["boss", "care"]}, {"type": "string", "pattern": r"\."}]
    assert "care_team" in to["description"]
    assert {"type": "string"} in journey()["$defs"]["send"]["properties"]["to"]["anyOf"]
