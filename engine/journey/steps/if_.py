"""`if`: two ways on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from engine.journey.steps.step import Compiler, Go, Next, StepShape, Verb
from engine.journey.walk import Walk
from engine.model.condition import Condition
from engine.model.plan import Step
from engine.model.profile import Enrolment


class IfShape(StepShape):
    """`- if: basket.total >= 80`"""

    if_: str | list[str] = Field(alias="if", description="A condition; of a list all lines must hold.")
    then: list[Any] | None = Field(default=None, description="Steps when it holds.")
    otherwise: list[Any] | None = Field(default=None, description="Steps when it does not.")


@dataclass(frozen=True, slots=True)
class Fork:
    """Compiled `if`; `then` and `otherwise` are step ids."""

    conditions: tuple[Condition, ...]
    then: str
    otherwise: str


class If(Verb):
    """Choose by a condition, read at the moment the customer comes here.

    Example:
        - if: basket.total >= 80 or customer.tier is gold
          then: [{send: free_delivery, via: [email, push]}]
          otherwise: [{stop: "small basket"}]
    """

    name = "if"
    tells = True
    Shape = IfShape
    blocks = ("then", "otherwise")

    def label(self, shape: Any) -> str:
        return ""

    def compile(self, shape: Any, compiler: Compiler, after: str) -> Any:
        if not shape.then and not shape.otherwise:
            compiler.problem("if", "this 'if' leads nowhere.", "Give it a 'then:' or an 'otherwise:' block.")
        return Fork(
            conditions=compiler.conditions("if", shape.if_),
            then=compiler.block("then", shape.then, after),
            otherwise=compiler.block("otherwise", shape.otherwise, after),
        )

    def run(self, step: Step, walk: Walk, run: Enrolment) -> Next:
        spec: Fork = step.spec
        scope = walk.run_scope(run)
        no = next((line for line in spec.conditions if not line.holds(scope)), None)
        seen = "; ".join(line.why(scope) for line in (spec.conditions if no is None else (no,)))
        walk.came_to(run, step, f"{'yes' if no is None else 'no'}: {seen}")
        return Go(spec.then if no is None else spec.otherwise)
