"""Where a value is found in what another program has sent: `customer.email`, `[a, b]`, `{header: X-Topic}`."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from engine.define.doc import Doc, Path
from engine.define.shape import shaped
from engine.define.shapes import Shape
from engine.model.source import Path as Steps
from engine.model.source import Taken

WAYS = ("path", "header", "value", "join", "each")


class TakenShape(Shape):
    """Where a value is found: exactly one of path, header, value, join and each."""

    path: str | list[str] | None = Field(default=None, description="A path, or several: the first with something.")
    header: str | None = Field(default=None, description="A header of the request.")
    value: Any = Field(default=None, description="This very value.")
    join: list[Any] | None = Field(default=None, description="Several of these, put together as text.")
    by: str = Field(default="-", description="What stands between them.")
    each: str | None = Field(default=None, description="The path of a list.")
    take: Any = Field(default=None, description="With each: what is taken of a member: a path, or names with paths.")
    words: dict[str, Any] | None = Field(default=None, description="What is found, and what it means here.")
    unless: list[Any] = Field(
        default_factory=list, description="Values that mean that there is none.", examples=["[0]"]
    )


class TakenReader:
    """Compiles what stands in one document."""

    def __init__(self, doc: Doc) -> None:
        self.doc = doc

    def read(self, at: Path, written: Any) -> Taken:
        """One value's whereabouts; what is wrong becomes a problem."""
        if isinstance(written, str):
            return Taken(paths=(self.path(at, written),))
        if isinstance(written, list) and written and all(isinstance(each, str) for each in written):
            return Taken(paths=tuple(self.path((*at, place), each) for place, each in enumerate(written)))
        if not isinstance(written, dict):
            self.doc.problem(at, "this says not where the value is found.", "Write a path: customer.email.")
            return Taken()
        shape = shaped(self.doc, written, TakenShape, at)
        if shape is None:
            return Taken()
        ways = [name for name in WAYS if name in written]
        if len(ways) != 1:
            self.doc.problem(at, f"exactly one of {', '.join(WAYS)} is wanted here.", "Write {path: customer.email}.")
            return Taken()
        if (shape.take is None) == (shape.each is not None):
            self.doc.problem(at, "'each' and 'take' belong together.", "Write {each: lines, take: {sku: sku}}.")
            return Taken()
        words = {str(key): value for key, value in shape.words.items()} if shape.words is not None else None
        return self._by(at, ways[0], shape, words)

    def _by(self, at: Path, way: str, shape: TakenShape, words: dict[str, Any] | None) -> Taken:
        if way == "path":
            return Taken(self.read((*at, "path"), shape.path).paths, words=words, unless=tuple(shape.unless))
        if way == "header":
            return Taken(header=(shape.header or "").lower(), words=words)
        if way == "value":
            return Taken(value=shape.value)
        if way == "join":
            parts = [self.read((*at, "join", place), each) for place, each in enumerate(shape.join or ())]
            return Taken(join=tuple(parts), by=shape.by)
        steps, take = self.path((*at, "each"), shape.each or ""), shape.take
        if isinstance(take, dict) and not set(take) & {*WAYS, "words", "unless"}:
            fields = {str(name): self.read((*at, "take", name), each) for name, each in take.items()}
            return Taken(each=steps, fields=fields)
        return Taken(each=steps, member=self.read((*at, "take"), take))

    def path(self, at: Path, written: str) -> Steps:
        """`customer.email` as its steps; '.' is what was sent as a whole."""
        steps = tuple(written.strip().split(".")) if written.strip() != "." else ()
        if not all(steps):
            self.doc.problem(at, f"'{written}' is no path.", "Write names with dots between: customer.email.")
            return ("",)
        return steps
