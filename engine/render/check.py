"""Finds what is wrong with templates without rendering them: needs no customer and no data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache

from jinja2 import DictLoader, TemplateSyntaxError, nodes

from engine.model.problem import Place, Problem
from engine.render.faults import explain
from engine.render.links import Links
from engine.render.markup import unsafe
from engine.render.mjml import BadLayout
from engine.render.parts import EMAIL_LAYOUT, EVERYWHERE, FORMS, MARKUP_COMPONENTS
from engine.render.sandbox import MessageEnvironment
from engine.render.texts.extract import unreadable
from engine.render.voice import Voice


def check(templates: Mapping[str, str], links: Links, voices: Sequence[Voice]) -> Iterator[Problem]:
    """Problems of layouts, components and messages, in no order."""
    yield from _missing_files(templates)
    trees: dict[str, nodes.Template] = {}
    for path in sorted(templates):
        if not path.endswith(".j2"):
            continue
        try:
            trees[path] = _tree(path, templates[path])
        except TemplateSyntaxError as fault:
            yield unreadable(path, templates.get(path, ""), fault)
    for voice in voices:
        yield from _prepared(templates, links, voice, trees)
    blocks = {block.name for path, tree in trees.items() if path.startswith("layouts/") for block in _blocks(tree)}
    macros = _macros(trees)
    for path, tree in trees.items():
        if path.startswith("components/"):
            yield from _same_components(templates, path, tree, macros)
        if path.startswith("messages/"):
            yield from _message(templates, path, tree, blocks, macros, links)


@lru_cache(maxsize=1000)
def _tree(path: str, source: str) -> nodes.Template:
    """What a template says; nobody changes it. Most files of a workspace are as they were when it was last checked."""
    return MessageEnvironment(DictLoader({}), markup=False).parse(source, path, f"templates/{path}")


def _problem(
    templates: Mapping[str, str], path: str, line: int, message: str, hint: str = "", word: str = ""
) -> Problem:
    lines = templates.get(path, "").splitlines()
    source = lines[line - 1] if 0 < line <= len(lines) else ""
    column = source.find(word) + 1 if word and word in source else 1
    return Problem(Place(f"templates/{path}", line, column), message, "template", hint, len(word) or 1, source)


def _missing_files(templates: Mapping[str, str]) -> Iterator[Problem]:
    wanted: dict[str, str] = {}
    for channel, parts in EVERYWHERE.items():
        for part in parts:
            wanted.setdefault(part.layout, f"{channel} has no {part.name}")  # several may share one
    wanted |= {f"components/{form}.j2": f"ui has no form '{form}'" for form in FORMS}
    for path, reason in wanted.items():
        if path not in templates:
            hint = "Take it from the shipped templates."
            yield Problem(Place(f"templates/{path}"), f"this file is missing, so {reason}.", "template", hint)


def _prepared(
    templates: Mapping[str, str], links: Links, voice: Voice, trees: Mapping[str, nodes.Template]
) -> Iterator[Problem]:
    """Whether layouts, components and messages compile in one language; `trees` are those that parse."""
    for path in trees:
        try:
            voice.environment(path in (EMAIL_LAYOUT, *MARKUP_COMPONENTS)).get_template(path)
            if path.startswith("components/") and path.removesuffix(".j2").removeprefix("components/") in FORMS:
                voice.components(path.removesuffix(".j2").removeprefix("components/"), links.checked)
        except TemplateSyntaxError as fault:
            yield unreadable(path, templates.get(path, ""), fault)
        except BadLayout as fault:
            yield _problem(templates, path, fault.line, fault.reason)
        except Exception as fault:
            place, sentence = explain(fault, templates, f"templates/{path}")
            file, _, line = place.partition(":")
            yield _problem(templates, file.removeprefix("templates/"), int(line or 0), sentence)


def _blocks(tree: nodes.Template) -> Iterable[nodes.Block]:
    return tree.find_all(nodes.Block)


def _macros(trees: Mapping[str, nodes.Template]) -> set[str]:
    return {
        macro.name
        for path, tree in trees.items()
        if path.startswith("components/")
        for macro in tree.find_all(nodes.Macro)
    }


def _same_components(
    templates: Mapping[str, str], path: str, tree: nodes.Template, macros: set[str]
) -> Iterator[Problem]:
    for name in sorted(macros - {macro.name for macro in tree.find_all(nodes.Macro)}):
        hint = f"Write {{% macro {name}(...) %}}{{% endmacro %}}; it may be empty."
        yield _problem(templates, path, 1, f"there is no form of ui.{name} here.", hint)


def _message(
    templates: Mapping[str, str],
    path: str,
    tree: nodes.Template,
    blocks: set[str],
    macros: set[str],
    links: Links,
) -> Iterator[Problem]:
    if not any(
        isinstance(e.template, nodes.Name) and e.template.name == "layout" for e in tree.find_all(nodes.Extends)
    ):
        yield _problem(templates, path, 1, "this message has no layout.", "Its first line is {% extends layout %}.")
    for block in _blocks(tree):
        if block.name not in blocks:
            hint = _meant(block.name, blocks)
            yield _problem(templates, path, block.lineno, f"no layout has a block '{block.name}'.", hint, block.name)
    for output in (node for node in tree.body if isinstance(node, nodes.Output)):
        for part in output.nodes:
            if not isinstance(part, nodes.TemplateData) or part.data.strip():
                hint = "Put it into a block: headline, summary, body, action."
                yield _problem(
                    templates, path, part.lineno, "this stands outside every block, so nobody will see it.", hint
                )
    for node in tree.find_all(nodes.Getattr):
        if isinstance(node.node, nodes.Name) and node.node.name == "ui" and node.attr not in macros:
            yield _problem(
                templates, path, node.lineno, f"there is no ui.{node.attr}.", _meant(node.attr, macros), node.attr
            )
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "link" and call.args:
            name = call.args[0]
            if isinstance(name, nodes.Const) and name.value not in links.names:
                hint = _meant(str(name.value), links.names)
                message = f"there is no link '{name.value}' in brand.yaml."
                yield _problem(templates, path, call.lineno, message, hint, str(name.value))
    for line, message, hint, word in unsafe(tree):
        yield _problem(templates, path, line, message, hint, word)
    for data in tree.find_all(nodes.TemplateData):
        if "<mj-" in data.data:
            hint = "Use ui.button, ui.products, ui.image, or plain HTML."
            yield _problem(
                templates, path, data.lineno, "MJML is for layouts; a message is not compiled.", hint, "<mj-"
            )


def _meant(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), 1)
    return f"Did you mean '{near[0]}'?" if near else f"There is: {', '.join(sorted(known))}."
