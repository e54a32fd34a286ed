"""Flows from stage to stage: nodes as tall as what passes them, ribbons as thick as what goes from one to the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from markupsafe import Markup

from engine.model.words import N_, Words
from engine.report.measures.measure import Chart, Flow
from engine.report.showing.figures import Figures
from engine.report.showing.svg import el, fitted, label, picture
from engine.report.showing.words import of_flows

WIDTH, NODE, TALL = 1080.0, 12.0, 300.0
ROOM = 168.0  # for the words behind the last nodes
GAP, LEAST = 12.0, 18.0  # between nodes; what the words of one need
MOST_STAGES, MOST_NODES, SWEEPS = 8, 9, 6
OTHERS = N_("others")
Key = tuple[int, str]


@dataclass(slots=True)
class Node:
    """One node: what comes in and goes out, where it stands, and how far its sides are taken up by ribbons."""

    key: Key
    came: float = 0.0
    went: float = 0.0
    y: float = 0.0
    height: float = 0.0
    taken: list[float] = field(default_factory=lambda: [0.0, 0.0])

    @property
    def value(self) -> float:
        return max(self.came, self.went)


def gathered(flows: Iterable[Flow]) -> dict[tuple[Key, Key], float]:
    """The flows between nodes; of a stage with very many nodes the smallest are one, and what lies too far is left."""
    sums: dict[Key, float] = defaultdict(float)
    flows = [each for each in flows if each.value > 0 and 0 <= each.stage < MOST_STAGES]
    for each in flows:
        sums[each.stage, each.source] += each.value
        sums[each.stage + 1, each.target] += each.value
    kept: set[Key] = set()
    for stage in {stage for stage, _ in sums}:
        here = sorted((key for key in sums if key[0] == stage), key=lambda key: (-sums[key], key[1]))
        kept.update(here if len(here) <= MOST_NODES else here[: MOST_NODES - 1])
    found: dict[tuple[Key, Key], float] = defaultdict(float)
    for each in flows:
        ends = ((each.stage, each.source), (each.stage + 1, each.target))
        source, target = (key if key in kept else (key[0], OTHERS) for key in ends)
        found[source, target] += each.value
    return dict(found)


def layout(links: dict[tuple[Key, Key], float]) -> dict[Key, Node]:
    """Where each node stands: the largest on top, then moved until ribbons cross less."""
    nodes: dict[Key, Node] = {}
    for (source, target), value in links.items():
        nodes.setdefault(source, Node(source)).went += value
        nodes.setdefault(target, Node(target)).came += value
    stages: dict[int, list[Node]] = defaultdict(list)
    for node in sorted(nodes.values(), key=lambda each: (each.key[0], -each.value, each.key[1])):
        stages[node.key[0]].append(node)
    most = max((sum(each.value for each in stage) for stage in stages.values()), default=1.0)
    for node in nodes.values():
        node.height = max(TALL * node.value / most, 1.5)
    for sweep in range(SWEEPS):
        _stacked(stages)
        for number in sorted(stages, reverse=bool(sweep % 2)):
            stages[number].sort(key=lambda node: (_pull(node, links, nodes, bool(sweep % 2)), node.key[1]))
    _stacked(stages)
    return nodes


def _stacked(stages: dict[int, list[Node]]) -> None:
    for stage in stages.values():
        y = 0.0
        for node in stage:
            slot = max(node.height, LEAST)
            node.y = y + (slot - node.height) / 2
            y += slot + GAP


def _pull(node: Node, links: dict[tuple[Key, Key], float], nodes: dict[Key, Node], ahead: bool) -> float:
    """The mean height of its neighbours on one side, by what goes there; its own where there are none."""
    total = weighed = 0.0
    for (source, target), value in links.items():
        mine, other = (source, target) if ahead else (target, source)
        if mine == node.key:
            total += value
            weighed += value * (nodes[other].y + nodes[other].height / 2)
    return weighed / total if total else node.y + node.height / 2


def sankey(chart: Chart, figures: Figures, name: str) -> Markup:
    """The flows of a chart, from the left to the right."""
    links = gathered(chart.flows)
    nodes = layout(links)
    first = min((key[0] for key in nodes), default=0)
    last = max((key[0] for key in nodes), default=0)
    stage = (WIDTH - ROOM - NODE) / max(last - first, 1)
    places = {key: (key[0] - first) * stage for key in nodes}
    scale = {name: place % 6 + 1 for place, name in enumerate(sorted({key[1] for key in nodes}))}
    parts = [_ribbon(link, value, nodes, places, scale, figures, chart) for link, value in _ordered(links, nodes)]
    for key, node in nodes.items():
        parts.append(
            el("rect", x=places[key], y=node.y + 8, width=NODE, height=node.height, class_=f"fill{scale[key[1]]}")
        )
        told = figures.short(node.value, chart.unit)
        words = f"{fitted(_named(node, figures), min(stage, ROOM) - NODE - 70)} {told}"
        parts.append(label(places[key] + NODE + 6, node.y + node.height / 2 + 12, words, "node"))
    height = max((max(node.y + node.height, node.y + LEAST) for node in nodes.values()), default=20.0) + 22
    return picture(name, chart.title, of_flows(chart, figures), WIDTH, height, *parts)


def _named(node: Node, figures: Figures) -> str:
    return figures.say(OTHERS) if node.key[1] == OTHERS else node.key[1]


def _ordered(links: dict[tuple[Key, Key], float], nodes: dict[Key, Node]) -> list[tuple[tuple[Key, Key], float]]:
    return sorted(links.items(), key=lambda each: (each[0][0][0], nodes[each[0][0]].y, nodes[each[0][1]].y))


def _ribbon(
    link: tuple[Key, Key],
    value: float,
    nodes: dict[Key, Node],
    places: dict[Key, float],
    scale: dict[str, int],
    figures: Figures,
    chart: Chart,
) -> Markup:
    source, target = nodes[link[0]], nodes[link[1]]
    out, into = (value / source.value * source.height, value / target.value * target.height)
    x0, x1 = places[link[0]] + NODE, places[link[1]]
    y0, y1 = source.y + 8 + source.taken[1], target.y + 8 + target.taken[0]
    source.taken[1] += out
    target.taken[0] += into
    middle = (x0 + x1) / 2
    path = (
        f"M{x0:.1f} {y0:.1f}C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
        f"V{y1 + into:.1f}C{middle:.1f} {y1 + into:.1f} {middle:.1f} {y0 + out:.1f} {x0:.1f} {y0 + out:.1f}Z"
    )
    flow = Words(
        "{source} to {target}: {text}",
        source=_named(source, figures),
        target=_named(target, figures),
        text=figures.text(value, chart.unit),
    )
    told = figures.voice.tell(flow)
    return el("path", el("title", told), d=path, class_=f"flow{scale[source.key[1]]}")
