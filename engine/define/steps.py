"""Compiling steps: exactly one verb each, nested blocks, identities that survive a change of order."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from engine.define.at_step import At, World
from engine.define.condition import Names
from engine.define.doc import Doc, Path, did_you_mean
from engine.define.shape import shaped
from engine.journey.steps import BY_NAME, VERBS
from engine.journey.steps.step import StepShape, Verb
from engine.model.plan import Step


class StepReader:
    """Compiles the steps of one journey. `steps` holds the result by id."""

    def __init__(self, doc: Doc, world: World, names: Names, purpose: str) -> None:
        self.doc, self.world, self.names, self.purpose_ = doc, world, names, purpose
        self.steps: dict[str, Step] = {}
        self.shapes: dict[Path, tuple[Verb, Any, str]] = {}
        self.used: Counter[str] = Counter()

    def read(self, steps: list[Any], path: Path = ("steps",)) -> str:
        """Compile a top-level list of steps; the id of the first ('' when there is none)."""
        self._identify(steps, path)
        return self.block(steps, path, "")

    def _identify(self, steps: Any, path: Path) -> None:
        """First pass: the verb, shape and id of every step, in the order they are written."""
        if not isinstance(steps, list):
            self.doc.problem(path, "a list of steps is wanted here.", "Begin each step with '- '.")
            return
        for index, step in enumerate(steps):
            at = (*path, index)
            verb = self._verb(step, at)
            if verb is None:
                continue
            shape = shaped(self.doc, step, verb.Shape, at)
            if shape is not None:
                self.shapes[at] = (verb, shape, self._id(verb, shape, at))
            for name in verb.blocks:
                block = step.get(name)
                if isinstance(block, dict):
                    for arm, body in block.items():
                        if isinstance(body, dict) and body.get("then") is not None:
                            self._identify(body["then"], (*at, name, arm, "then"))
                elif block is not None:
                    self._identify(block, (*at, name))

    def _verb(self, step: Any, at: Path) -> Verb | None:
        if not isinstance(step, dict):
            self.doc.problem(at, "a step begins with a verb.", _begun(step), code="step")
            return None
        found = [name for name in step if name in BY_NAME]
        if len(found) == 1:
            return BY_NAME[found[0]]
        if found:
            verbs = " and ".join(f"'{name}'" for name in found)
            self.doc.problem((*at, found[1]), f"one step has {verbs}.", "Give each a step of its own.", key=True)
            return None
        fields = {f.alias or name for verb in VERBS for name, f in verb.Shape.model_fields.items()}
        stranger = next((name for name in step if name not in fields), next(iter(step), ""))
        near = did_you_mean(str(stranger).lstrip("-"), BY_NAME)
        hint = near or f"Write one of: {', '.join(BY_NAME)}."
        self.doc.problem((*at, stranger), f"'{stranger}' is not a step.", hint, key=True, code="step")
        return None

    def _id(self, verb: Verb, shape: StepShape, at: Path) -> str:
        """The step's own `id`, else verb + name + occurrence: never its position."""
        if shape.id:
            if self.used[shape.id]:
                self.doc.problem((*at, "id"), f"the id '{shape.id}' is used twice in this journey.", "Choose another.")
            self.used[shape.id] += 1
            return shape.id
        label = verb.label(shape)
        name = f"{verb.name}:{label}" if label else verb.name
        self.used[name] += 1
        return name if self.used[name] == 1 else f"{name}:{self.used[name]}"

    def block(self, steps: Any, path: Path, after: str) -> str:
        """Second pass over one list: compile each step; the id of the first, `after` when there is none."""
        if not isinstance(steps, list):
            return after
        known = [(*path, index) for index in range(len(steps)) if (*path, index) in self.shapes]
        for number, at in enumerate(known):
            verb, shape, identity = self.shapes[at]
            following = self.shapes[known[number + 1]][2] if number + 1 < len(known) else after
            spec = verb.compile(shape, At(self, at), following)
            self.steps[identity] = Step(identity, verb, spec, following, self.doc.place((*at, verb.name), key=True))
        return self.shapes[known[0]][2] if known else after


def _begun(step: Any) -> str:
    """What to write instead of a step that is no mapping: `wait 7d`, `wait:7d`."""
    words = re.match(r"([A-Za-z_]+)[:\s\u00a0]\s*(\S.*)$", step) if isinstance(step, str) else None
    if words is not None and words[1].lower() in BY_NAME:
        return f"Write '{words[1].lower()}: {words[2]}', with a ':' and a plain space."
    return f"Write one of: {', '.join(BY_NAME)}."
