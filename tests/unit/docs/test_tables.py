"""Tables that list what the code has: nothing is missing from them, nothing is invented."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any, get_args

import click
import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from engine.api.auth import SCOPES
from engine.cli.main import COMMANDS, main
from engine.define.actions import ActionShape
from engine.define.at_step import ArmShape
from engine.define.brand import BrandFile
from engine.define.built_in import BUILT_IN
from engine.define.catalog import CatalogShape
from engine.define.control import ControlShape
from engine.define.events import FIELDS
from engine.define.folder import compile_folder, read_folder
from engine.define.journey import JourneyShape, StartShape
from engine.define.learning import LearningShape
from engine.define.placements import PlacementShape
from engine.define.policies import CapShape, PoliciesShape, PurposeShape, QuietShape, SuppressShape, TrackingShape
from engine.define.recipients import RecipientShape
from engine.define.reporting_shapes import (
    AnswersShape,
    AssistedShape,
    BasketsShape,
    CostsShape,
    MarkShape,
    ReportShape,
    TradeShape,
)
from engine.define.rules import RuleShape
from engine.define.segments import SegmentShape
from engine.define.sources import MeansShape, SignatureShape, SourceShape
from engine.define.taken import TakenShape
from engine.define.vocabulary import TYPES, AttributeShape, EventShape, ObjectShape, VocabularyShape
from engine.journey.steps import VERBS
from engine.model.message import OutcomeKind
from engine.model.record import Kind, Record
from engine.render.parts import CHANNELS as PARTS
from engine.runtime import keys
from engine.settings import PREFIX, Settings
from engine.testing import output
from tests.unit.docs import archive_tables, measures_chapters
from tests.unit.docs.pages import PAGES, ROOT, code, links, prose, tables
from tests.unit.docs.settings_table import PAGE, renewed

DOCS = ROOT / "docs"
_OF_FILES: tuple[type[BaseModel], ...] = (
    BrandFile,
    CatalogShape,
    ArmShape,
    SegmentShape,
    RecipientShape,
    SourceShape,
    SignatureShape,
    MeansShape,
    TakenShape,
    PlacementShape,
    ActionShape,
    RuleShape,
    JourneyShape,
    StartShape,
    CapShape,
    ControlShape,
    PoliciesShape,
    PurposeShape,
    QuietShape,
    SuppressShape,
    TrackingShape,
    LearningShape,
    ReportShape,
    TradeShape,
    MarkShape,
    BasketsShape,
    AnswersShape,
    CostsShape,
    AssistedShape,
    AttributeShape,
    EventShape,
    ObjectShape,
    VocabularyShape,
    *(verb.Shape for verb in VERBS),
)
SHAPES = {shape.__name__: shape for shape in _OF_FILES}


def all_tables(label: str) -> dict[str, list[list[str]]]:
    return {name: rows for page in PAGES for name, rows in tables(page, label).items()}


def names(rows: list[list[str]]) -> list[str]:
    return [code(row[0]) for row in rows]


@pytest.mark.parametrize("name", SHAPES)
def test_every_key_is_listed_with_its_default(name: str) -> None:
    rows = {code(row[0]): row for row in all_tables("keys")[name]}
    fields = {field.alias or key: field for key, field in SHAPES[name].model_fields.items()}

    assert set(rows) == set(fields)
    for key, field in fields.items():
        said = rows[key][2]
        required = field.default is PydanticUndefined and field.default_factory is None
        assert (said == "required") == required, f"{name}.{key}"
        if said.startswith("`") and said.endswith("`") and said.count("`") == 2:
            assert _default(field.default, field.default_factory) == code(said), f"{name}.{key}"


def _default(value: Any, factory: Any) -> str:
    if factory is not None:
        return ", ".join(factory())
    meant_by_none = {None: "at once", True: "true", False: "false"}
    return meant_by_none.get(value, str(value)) if value is None or isinstance(value, bool) else str(value)


def test_the_tables_of_types_and_built_in_events() -> None:
    found = all_tables("keys")

    assert tuple(names(found["TYPES"])) == TYPES
    assert {code(row[0]): set(re.findall(r"`(\w+)`", row[1])) for row in found["BUILT_IN"]} == {
        name: set(properties) for name, (_, properties) in BUILT_IN.items()
    }


def test_every_verb_has_a_chapter() -> None:
    text = (DOCS / "journeys.md").read_text()

    assert re.findall(r"^### (\w+)$", text, re.MULTILINE) == [verb.name for verb in VERBS]
    status = (ROOT / "README.md").read_text().partition("There: the verbs ")[2].partition(";")[0]
    assert re.findall(r"`(\w+)`", status) == [verb.name for verb in VERBS]


def test_fields_of_events_and_records() -> None:
    found = all_tables("fields")
    written = set(output.as_data(Record(at=1, profile="c", kind="held", key="k", id="m", until=2)))

    assert set(names(found["event"])) == set(FIELDS)
    assert set(names(found["record"])) == written | {"text"} | _extra()
    assert set(names(found["kind"])) == set(get_args(Kind))


def _extra() -> set[str]:
    """The names that verbs add to records of their own."""
    verbs = "".join(path.read_text("utf-8") for path in (ROOT / "engine/journey").rglob("*.py"))
    return {name for given in re.findall(r"extra=\{([^}]*)\}", verbs) for name in re.findall(r'"(\w+)":', given)}


def test_every_measure_is_listed() -> None:
    text = "".join((ROOT / f"engine/runtime/{name}.py").read_text("utf-8") for name in ("prometheus", "gauges"))
    counters = {f"parcours_{name}_total" for name in re.findall(r' counter\("(\w+)"', text)}
    others = {f"parcours_{name}" for name in re.findall(r' (?:histogram|gauge)\(\s*"(\w+)"', text)}
    families = set(re.findall(r'"(parcours_\w+)"', text))

    assert set(names(all_tables("fields")["measures"])) == counters | others | families


def test_every_outcome_of_a_provider_is_explained() -> None:
    text = (DOCS / "semantics.md").read_text().partition("<!-- outcomes -->")[2].partition("\n\n")[0]

    assert re.findall(r"^\| `(\w+)`", text, re.MULTILINE) == list(get_args(OutcomeKind))


def test_blocks_and_components_are_those_of_the_shipped_templates() -> None:
    sources = read_folder(ROOT)
    layouts = "".join(text for name, text in sources.items() if name.startswith("templates/layouts/"))
    macros = re.findall(r"macro (\w+)\(([^)]*)\)", sources["templates/components/email.j2"])
    found = all_tables("fields")

    assert set(names(found["blocks"])) == set(re.findall(r"\{% block (\w+) %\}", layouts))
    assert names(found["ui"]) == [
        f"ui.{name}({', '.join(part.partition('=')[0].strip() for part in given.split(','))})" for name, given in macros
    ]
    assert {"email", "push", "sms", "store"} == set(PARTS)


def test_the_keys_in_redis() -> None:
    text = (DOCS / "architecture.md").read_text().partition("<!-- redis -->")[2].partition("\n\n")[0]
    said = {name for line in text.splitlines()[3:] for name in re.findall(r"`(\w+)`", line.split("|")[1])}
    made = {
        name
        for name, each in inspect.getmembers(keys, inspect.isfunction)
        if each.__module__ == keys.__name__
        and each.__annotations__.get("return") == "str"
        and not name.endswith("_pattern")
    }

    assert said == made


def test_the_rooms_are_those_of_the_engine() -> None:
    text = (DOCS / "architecture.md").read_text().partition("<!-- rooms -->")[2].partition("\n\n")[0]
    said = re.findall(r"^\| `engine/(\w+)`", text, re.MULTILINE)

    assert set(said) == {
        path.name for path in (ROOT / "engine").iterdir() if path.is_dir() and (path / "__init__.py").exists()
    }


def test_every_command_is_listed_and_every_one_listed_exists() -> None:
    listed = (DOCS / "operations.md").read_text().partition("<!-- commands -->")[2].partition("\n\n")[0]
    mentioned = {name for page in PAGES for name in re.findall(r"(?:`|^|\n)parcours ([a-z]+)", page.read_text("utf-8"))}

    assert set(re.findall(r"^\| `parcours (\w+)`", listed, re.MULTILINE)) == mentioned == set(COMMANDS)


def options(command: str) -> set[str]:
    found = main.get_command(click.Context(main), command) if isinstance(main, click.Group) else None
    assert found is not None
    return {max(option.opts, key=len) for option in found.params}


def test_the_options_of_simulate_of_preview_and_of_a_worker() -> None:
    page = (DOCS / "operations.md").read_text("utf-8")

    assert set(names(all_tables("options")["simulate"])) == options("simulate") | {"--help"}
    assert set(re.findall(r"`(--(?:advance|deliver))`", page)) == options("worker")
    for command in ("preview", "explain", "replay"):
        assert set(names(all_tables("options")[command])) == options(command) | {"--help"}


def test_the_table_of_settings_is_current() -> None:
    text = PAGE.read_text("utf-8")

    assert renewed(text) == text, "run: python -m tests.unit.docs.settings_table"


def test_the_columns_of_the_archive() -> None:
    text = archive_tables.PAGE.read_text("utf-8")

    assert archive_tables.renewed(text) == text, "python -m tests.unit.docs.archive_tables"


@pytest.mark.slow
def test_the_measures_are_told_in_the_words_that_stand_beside_their_figures() -> None:
    text = measures_chapters.PAGE.read_text("utf-8")

    assert measures_chapters.renewed(text, compile_folder(ROOT).sound().plan) == text, (
        "python -m tests.unit.docs.measures_chapters"
    )


def test_every_setting_that_is_mentioned_exists() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for page in PAGES:
        assert set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", page.read_text("utf-8"))) <= known, page.name


def test_every_link_within_the_project_leads_somewhere() -> None:
    broken = []
    for page in PAGES:
        for target in links(page):
            path, _, anchor = target.partition("#")
            if target.startswith(("http://", "https://", "mailto:")):
                continue
            file = (page.parent / path).resolve() if path else page
            if not file.exists() or (anchor and anchor not in _anchors(file)):
                broken.append(f"{page.name}: {target}")

    assert not broken


def _anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_every_page_can_be_found_from_the_readme() -> None:
    readme = PAGES[0].read_text("utf-8")

    assert [page.name for page in PAGES[1:] if f"docs/{page.name}" not in readme] == []


def test_the_scopes_of_keys() -> None:
    assert tuple(names(all_tables("fields")["scopes"])) == SCOPES
