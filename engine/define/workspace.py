"""A workspace compiled: all its files into one frozen plan, and everything that is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from engine.channels import CHANNELS
from engine.decide.rulebook import Rulebook
from engine.define.actions import Around, action_names, compile_actions, mean_propensities
from engine.define.at_step import World
from engine.define.brand import BrandFile
from engine.define.built_in import consented_at
from engine.define.catalog import check_languages, compile_catalog
from engine.define.catalog_kinds import catalog_kinds
from engine.define.condition import Names
from engine.define.doc import Doc, did_you_mean
from engine.define.history import recorded
from engine.define.journey import compile_journey
from engine.define.journey_names import decision_names, request_events
from engine.define.personas import compile_personas
from engine.define.placements import compile_placements, said_when_asking, where_shown
from engine.define.policies import compile_policies
from engine.define.report import with_source
from engine.define.reporting import compile_report
from engine.define.rules import compile_rules, marks_of
from engine.define.salvage import without_followers
from engine.define.segments import compile_segments, segment_names
from engine.define.shape import shaped
from engine.define.source import read_yaml
from engine.define.sources import compile_sources_of
from engine.define.story import is_story
from engine.define.vocabulary import compile_vocabulary
from engine.define.zones import tables_version, zones_by_country
from engine.model.action import NO_RULES
from engine.model.condition import timed_in
from engine.model.errors import DefinitionError
from engine.model.plan import ChannelFacts, Journey, Plan
from engine.model.problem import Place, Problem
from engine.model.vocabulary import Vocabulary
from engine.policy.caps import remembered
from engine.render.renderer import Renderer

# The first key of a document says what it is. All but journeys and sources come once in a workspace.
SINGLE = ("vocabulary", "policies", "brand", "catalog", "segments", "placements", "actions", "rules", "report")
# A story (`tests`) may stand among them: it says what is expected, and decides nothing.
KINDS = ("journey", "source", *SINGLE, "tests")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A plan, what renders its messages, and the problems found (the plan may be used only when there are none).

    `sources` is what it was compiled from: another process can compile the same. `unread` are the files of which a
    part could not be read, or did not fit; `failed` names journeys and segments that have no place in the plan.
    """

    plan: Plan
    renderer: Renderer
    problems: tuple[Problem, ...]
    sources: Mapping[str, str]
    unread: tuple[Doc, ...] = ()
    failed: frozenset[str] = frozenset()

    def sound(self) -> Compiled:
        """Itself. Raises DefinitionError when there are problems."""
        if self.problems:
            raise DefinitionError(self.problems)
        return self


def compile_sources(sources: Mapping[str, str], *, published: bool = False) -> Compiled:
    """Compile `sources` (path within the workspace -> text). Never raises for what stands in the files.

    `published`: they were checked when they were published, so templates are not looked into before they are used.
    """
    docs = [
        read_yaml(name, text)
        for name, text in sorted(sources.items())
        if name.endswith((".yaml", ".yml")) and not is_story(text)
    ]
    single, journeys, others = _sort(docs)
    facts = {channel.name: channel.address for channel in CHANNELS}
    vocabulary = compile_vocabulary(single.get("vocabulary"), facts, recorded(sources))
    channels = {
        channel.name: ChannelFacts(
            name=channel.name,
            address=vocabulary.addresses[channel.name],
            needs_consent=channel.needs_consent,
            reports_open=channel.reports_open,
            shared=channel.shared,
            normalise=channel.normalise,
        )
        for channel in CHANNELS
    }
    vocabulary.events.update(request_events(journeys))
    placed = where_shown(single.get("placements"), vocabulary.channels)
    vocabulary.events.update(consented_at(placed))
    customer = _customer(vocabulary, segment_names(single.get("segments")))
    segments = compile_segments(single.get("segments"), customer)
    events_from = compile_sources_of(others, vocabulary)
    policies = compile_policies(single.get("policies"), customer, set(channels), zones_by_country(), placed)
    brand = _brand(single.get("brand"))
    brand["personas"] = compile_personas(single.get("brand"), brand["personas"], vocabulary)
    kinds = catalog_kinds(single.get("catalog"), vocabulary.events)
    catalog = compile_catalog(single.get("catalog"), sources)
    prefix = "templates/"
    templates = {name.removeprefix(prefix): text for name, text in sources.items() if name.startswith(prefix)}
    renderer = Renderer(templates, brand, catalog=catalog, kinds=kinds)
    check_languages(single.get("catalog"), catalog, renderer.locales)
    messages, named = frozenset(renderer.messages()), action_names(single.get("actions"))
    placements = compile_placements(single.get("placements"), messages, vocabulary.channels, named)
    marks = marks_of(single.get("rules"))
    said = said_when_asking(placements.values())
    asked = decision_names(vocabulary, policies.purposes, channels, customer.segments, marks, said)
    actions = compile_actions(single.get("actions"), Around(asked, policies, placements, messages))
    rules = compile_rules(single.get("rules"), asked, actions)
    policies = replace(policies, remembers=remembered(cap for action in actions.values() for cap in action.caps))
    world = World(
        vocabulary=vocabulary,
        purposes=policies.purposes,
        channels=channels,
        messages=messages,
        actions=named,
        made=actions,
        placements=placements,
        segments=customer.segments or frozenset(),
        calls=policies.calls,
        recipients=policies.recipients,
        catalog=catalog,
    )
    compiled = _journeys(journeys, world)
    plan = Plan(
        fingerprint=fingerprint(sources),
        vocabulary=vocabulary,
        policies=policies,
        journeys=compiled,
        channels=channels,
        versions={(name, journey.version): journey for name, journey in compiled.items()},
        starts=_by_event(compiled.values()),
        schedules={name: each for name, each in sorted(compiled.items()) if each.start.schedule is not None},
        segments=segments,
        by_segment=_by_segment(compiled.values()),
        timed=frozenset(
            each
            for condition in (
                *(line for segment in segments for line in segment.lines),
                *(r.when for r in policies.suppress),
            )
            for each in timed_in(condition.node)
        ),
        placements=placements,
        actions=actions,
        propensities=mean_propensities(actions.values()),
        rules=rules,
        rules_version=_version(single.get("actions"), single.get("rules")),
        rulebook=Rulebook(rules) if rules else NO_RULES,
        catalog=catalog,
        kinds=kinds,
        brand=brand,
        sources=events_from,
        report=compile_report(single.get("report"), vocabulary, set(channels)),
    )
    unread = tuple(doc for doc in docs if doc.lost or (doc.left_out and doc in single.values()))
    problems = [problem for doc in docs for problem in doc.problems]
    if not published:
        problems += renderer.problems()
    problems = without_followers(problems, unread)
    if not journeys and not any(doc.problems for doc in docs):
        problems.append(
            Problem(Place("journeys"), "there is no journey here.", "workspace", "Write one: journeys/NAME.yaml.")
        )
    found = tuple(sorted({with_source(problem, sources) for problem in problems}))
    declared = {str(doc.data["journey"]) for doc in journeys} | segment_names(single.get("segments"))
    failed = declared - set(compiled) - {segment.name for segment in segments}
    return Compiled(plan, renderer, found, sources, unread, frozenset(failed))


def vocabulary_of(sources: Mapping[str, str]) -> Vocabulary:
    """The vocabulary alone. Never raises for what stands in the files."""
    docs = [read_yaml(name, text) for name, text in sorted(sources.items()) if name.endswith((".yaml", ".yml"))]
    own = [doc for doc in docs if isinstance(doc.data, dict) and next(iter(doc.data), "") == "vocabulary"]
    single, _, _ = _sort(own)
    facts = {channel.name: channel.address for channel in CHANNELS}
    return compile_vocabulary(single.get("vocabulary"), facts, recorded(sources))


def fingerprint(sources: Mapping[str, str]) -> str:
    """The name of a plan: a hash of its sources and of the time and holiday tables it was compiled with.

    Stories are no part of it: a new test does not make a new plan.
    """
    digest = sha256(tables_version().encode())
    for name, text in sorted(sources.items()):
        if is_story(text):
            continue
        digest.update(f"\x1e{name}\x1f{text}".encode())
    return digest.hexdigest()[:16]


def _sort(docs: list[Doc]) -> tuple[dict[str, Doc], list[Doc], list[Doc]]:
    """The single documents by kind, the journeys and the sources. What is none of these is a problem of its file."""
    single: dict[str, Doc] = {}
    journeys: list[Doc] = []
    sources: list[Doc] = []
    for doc in docs:
        if doc.data is None and doc.problems:
            continue
        if doc.lost and not isinstance(doc.data, dict):
            continue
        if not isinstance(doc.data, dict) or not doc.data:
            doc.problem((), "this file is empty or no set of names.", f"Begin with one of: {', '.join(KINDS)}.")
            continue
        kind = next(iter(doc.data))
        if kind not in KINDS:
            later = next((name for name in doc.data if name in KINDS), "")
            hint = did_you_mean(kind, KINDS) + " The first key says what the file is."
            hint = f"Put '{later}:' on the first line: the first key says what the file is." if later else hint
            doc.problem((kind,), f"'{kind}' is no kind of file.", hint.strip(), key=True)
        elif kind == "tests":
            continue
        elif kind == "journey":
            journeys.append(doc)
        elif kind == "source":
            sources.append(doc)
        elif kind in single:
            doc.problem((kind,), f"'{kind}' stands in {single[kind].file} already.", "Keep one of the two.", key=True)
        else:
            single[kind] = doc
            for name in doc.data:
                if name != kind:
                    doc.problem((name,), f"'{name}' is not known here.", f"This file is '{kind}:'.", key=True)
            if doc.data[kind] is None:
                doc.data[kind] = {}
    return single, journeys, sources


def _version(*docs: Doc | None) -> str:
    """A hash of what stands in these documents; of how it is written down, spaces and comments, it knows nothing."""
    data = [doc.data if doc is not None else None for doc in docs]
    return sha256(json.dumps(data, default=str).encode()).hexdigest()[:12]


def _customer(vocabulary: Vocabulary, segments: frozenset[str]) -> Names:
    """What a policy's or a segment's condition sees: the customer and the history."""
    return Names(
        roots={"customer": {name: each.type for name, each in vocabulary.attributes.items()}},
        events=vocabulary.events,
        segments=segments,
        marks=frozenset(),
    )


def _brand(doc: Doc | None) -> dict[str, Any]:
    brand = shaped(doc, doc.data["brand"], BrandFile, ("brand",)) if doc is not None else None
    return (brand or BrandFile(name="Parcours")).model_dump()


def _journeys(docs: list[Doc], world: World) -> dict[str, Journey]:
    found: dict[str, Journey] = {}
    for doc in docs:
        journey = compile_journey(doc, world)
        if journey is None:
            continue
        if journey.name in found:
            first = found[journey.name].place
            doc.problem(
                ("journey",), f"the journey '{journey.name}' stands in {first} already.", "Choose another name."
            )
            continue
        found[journey.name] = journey
    return found


def _by_event(journeys: Any) -> dict[str, tuple[Journey, ...]]:
    starts: dict[str, tuple[Journey, ...]] = {}
    for journey in sorted(journeys, key=lambda each: each.name):
        if journey.start.event:
            starts[journey.start.event] = (*starts.get(journey.start.event, ()), journey)
    return starts


def _by_segment(journeys: Any) -> dict[tuple[str, str], tuple[Journey, ...]]:
    starts: dict[tuple[str, str], tuple[Journey, ...]] = {}
    for journey in sorted(journeys, key=lambda each: each.name):
        for way in ("enters", "leaves"):
            segment = getattr(journey.start, way)
            if segment:
                starts[way, segment] = (*starts.get((way, segment), ()), journey)
    return starts
