"""Every example of the documentation passes the checks that a marketer's own files have to pass."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from engine.define.events import read_event
from engine.define.folder import read_folder
from engine.define.workspace import SINGLE, Compiled, compile_sources
from tests.unit.docs.pages import PAGES, ROOT, Block, all_blocks, blocks

LANGUAGES = {"yaml", "jinja", "json", "sh", "text", "po", "condition", "where", "match"}
KINDS = ("journey", "source", *SINGLE)
JOURNEY = re.compile(r"^journey:", re.MULTILINE)
OF_VOCABULARY = ("catalog", "segments", "placements", "segment", "cloudevents", "actions", "rules", "report")
MESSAGE = "{% extends layout %}{% block headline %}Words{% endblock %}{% block summary %}Words.{% endblock %}"
SMALL = "journey: small\npurpose: PURPOSE\nstart: {event: opened}\nsteps: [{send: words, via: email}]\n"
AROUND = "journey: around\nstart: {event: basket_updated, key: event.basket_id}\nsteps:\n"
# What is written into files by the reader, and run by tests/acceptance/test_readme.py.
RUN_ELSEWHERE = ("file=", "append=", "insert=")


@cache
def starter() -> dict[str, str]:
    return read_folder(ROOT)


@cache
def declared() -> dict[str, str]:
    """The segments and placements of docs/segments.md: examples on other pages may use them."""
    found = [block.text for block in blocks(ROOT / "docs/segments.md") if block.language == "yaml"]
    return {text.partition(":")[0]: text for text in found}


def check(**files: str) -> Compiled:
    """The starter with these files in place of its own of that kind; only these journeys if there are any."""
    sources = {name: text for name, text in starter().items() if not JOURNEY.search(text)}
    if set(files) & {"vocabulary", "policies"}:  # the starter's messages speak of its own vocabulary
        for name in [name for name in sources if "/messages/" in name or Path(name).stem in OF_VOCABULARY]:
            del sources[name]
    else:  # what segments.md declares is there
        files = {**declared(), **files}
    for kind, text in files.items():
        sources["journeys/example.yaml" if kind == "journey" else f"journeys/{kind}.yaml"] = text
    if "journey" not in files:
        found = re.search(r"^  purposes:\n?\s*\{?(\w+)", files.get("policies", ""), re.MULTILINE)
        sources["journeys/small.yaml"] = SMALL.replace("PURPOSE", found[1] if found else "marketing")
        sources["templates/messages/words.j2"] = MESSAGE
    return compile_sources(sources)


def bare() -> dict[str, str]:
    """The starter with one small journey and one message in place of its own."""
    kept = {name: text for name, text in starter().items() if "/messages/" not in name and not JOURNEY.search(text)}
    small = SMALL.replace("PURPOSE", "marketing")
    return {**kept, "journeys/small.yaml": small, "templates/messages/words.j2": MESSAGE}


def complain(block: Block, compiled: Compiled) -> str:
    return f"{block.place}: " + "; ".join(map(str, compiled.problems))


def yaml_blocks() -> list[Block]:
    return [block for block in all_blocks("yaml") if not block.info.startswith(RUN_ELSEWHERE)]


@pytest.mark.parametrize("block", yaml_blocks(), ids=lambda block: block.place)
def test_yaml_passes_the_check(block: Block) -> None:
    if block.info == "steps":
        steps = "".join(f"  {line}\n" for line in block.text.splitlines())
        compiled = check(journey=AROUND + steps)
    else:
        assert not block.info, f"{block.place}: nobody knows what 'yaml {block.info}' is"
        kind = block.text.partition(":")[0]
        assert kind in KINDS, f"{block.place}: begins with '{kind}'"
        if kind == "brand":  # the starter's messages use links that a small example has no room for
            compiled = compile_sources({**bare(), "journeys/brand.yaml": block.text})
        elif kind == "rules":  # they speak of the actions of their page
            actions = next(each.text for each in yaml_blocks() if each.text.startswith("actions:"))
            compiled = check(actions=actions, rules=block.text)
        else:
            compiled = check(**{kind: block.text})

    assert not compiled.problems, complain(block, compiled)


def test_a_wrong_example_would_be_found() -> None:
    assert check(journey=AROUND + "  - sned: welcome\n    via: email\n").problems
    assert check(policies="policies: {timezone: Europe/Pari}\n").problems


def jinja_blocks() -> list[Block]:
    return [block for block in all_blocks("jinja") if not block.info.startswith(RUN_ELSEWHERE)]


@pytest.mark.parametrize("block", jinja_blocks(), ids=lambda block: block.place)
def test_a_message_is_sound_and_renders_on_every_channel(block: Block) -> None:
    text = block.text
    if block.info == "body":
        text = MESSAGE + "{% block body %}" + text + "{% endblock %}"
    compiled = compile_sources({**bare(), "templates/messages/example.j2": text})
    lines = [{"name": "Boots", "quantity": 1, "price": 89.0}]
    roots = {"customer": {"tier": "gold"}, "basket": {"total": 89.0, "lines": lines}, "start": {}, "event": {}}

    assert not compiled.problems, complain(block, compiled)
    for channel in compiled.plan.channels:
        assert any(compiled.renderer.render("example", channel, "en", roots).parts.values())


@pytest.mark.parametrize("block", all_blocks("json"), ids=lambda block: block.place)
def test_events_are_events(block: Block) -> None:
    if block.named("file"):
        assert [json.loads(line) for line in block.text.splitlines()]
        return
    assert block.info == "event"
    compiled = check()

    assert read_event(compiled.plan.vocabulary, json.loads(block.text), None).id


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_is_of_a_kind_that_a_test_looks_at(page: object) -> None:
    assert {block.language for block in blocks(page)} <= LANGUAGES  # type: ignore[arg-type]
