"""What every verb is made of: its shape in YAML, how it is compiled, what it does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict, Field

from engine.journey.walk import Walk
from engine.model.action import Action
from engine.model.condition import Condition
from engine.model.event import Event
from engine.model.moment import Moment
from engine.model.plan import Step
from engine.model.profile import Enrolment
from engine.model.record import Reason
from engine.model.span import Span


@dataclass(frozen=True, slots=True)
class Go:
    """Go on with the step of that id; '' is the end of the journey."""

    step: str


@dataclass(frozen=True, slots=True)
class Stay:
    """Stand still until an event, a timer or a message's end moves the enrolment."""


@dataclass(frozen=True, slots=True)
class Exit:
    """End the enrolment here."""

    reason: Reason


Next = Go | Stay | Exit
STAY = Stay()


class StepShape(BaseModel):
    """What every step may carry in YAML, whatever its verb."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    id: str | None = Field(
        default=None, description="Your own name for this step; it keeps its identity in a changed journey."
    )


class Compiler(Protocol):
    """What a verb may ask of the compiler. `field` names the key of the step that is meant, for the place of a problem.

    Each call reports what is wrong by itself and then returns something harmless.
    """

    def span(self, field: str, text: str) -> Span: ...

    def conditions(self, field: str, lines: str | list[str]) -> tuple[Condition, ...]: ...

    def where(self, field: str, text: str, event: str) -> Condition | None: ...

    def event(self, field: str, name: str) -> str: ...

    def message(self, field: str, name: str, channels: tuple[str, ...]) -> str: ...

    def action(self, field: str, name: str) -> str: ...

    def channels(self, field: str, names: str | list[str]) -> tuple[str, ...]: ...

    def recipient(self, field: str, text: str, via: tuple[str, ...], shape: Any) -> Any: ...

    def purpose(self, field: str, name: str | None) -> str: ...

    def block(self, field: str, steps: list[Any] | None, after: str) -> str: ...

    @property
    def here(self) -> str:
        """The id of the step that is being compiled."""
        ...

    def moment(self, field: str, text: str) -> Moment: ...

    def arms(self, field: str, arms: dict[str, Any], after: str) -> Any: ...

    def attributes(self, field: str, values: dict[str, Any]) -> dict[str, Any]: ...

    def properties(self, field: str, event: str, values: dict[str, Any]) -> dict[str, Any]: ...

    def service(self, field: str, name: str) -> str: ...

    def anything(self, field: str, values: dict[str, Any]) -> dict[str, Any]: ...

    def placements(self, field: str, names: str | list[str], home: str | None = None) -> tuple[str, ...]:
        """`home` is the action whose own placements are meant when none is named; None: all are meant then."""
        ...

    def shown_at(self, placement: str) -> Sequence[Action]:
        """The actions that are shown at a placement whoever suggests them, by name."""
        ...

    def declared(self, action: str) -> bool:
        """Whether it is an action of its own; no bare message."""
        ...

    def problem(self, field: str, text: str, hint: str = "") -> None: ...


class Verb(ABC):
    """Base of all verbs. A verb has no state of its own; `spec` of a step holds what was compiled."""

    name: ClassVar[str]
    Shape: ClassVar[type[StepShape]]
    blocks: ClassVar[tuple[str, ...]] = ()
    tells: ClassVar[bool] = False  # whether it says by itself, in a record, that a customer came here

    def label(self, shape: Any) -> str:
        """What tells this step from others of its verb, for its identity: a message, an event, a span."""
        return str(getattr(shape, self.name, "") or "")

    @abstractmethod
    def compile(self, shape: Any, compiler: Compiler, after: str) -> Any:
        """The step's spec. `after` is the id of the step that follows the whole step."""

    @abstractmethod
    def run(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        """What happens when an enrolment comes to this step."""

    def on_event(self, step: Step, walk: Walk, run: Enrolment, event: Event) -> Next | None:
        """What an event does to an enrolment that stands here; None: nothing."""
        return None

    def take_over(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        """What happens to an enrolment that a release puts here. It came to its older step at `run.since`."""
        run.since = walk.now
        return self.run(step, walk, run)

    def on_timer(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        """What happens when `run.due` has come."""
        return Go(step.next)
