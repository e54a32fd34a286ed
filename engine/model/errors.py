"""Every error the engine raises on purpose.

ParcoursError
├── DefinitionError      a workspace that cannot be loaded (carries all its problems)
├── BadEvent             an event that the vocabulary does not allow
├── RenderFailed         a message that cannot be rendered for a channel
│   └── NoVoucher        because no voucher code is left for it
├── SetupError           this machine or this store is not as it must be
├── StoreMismatch        the store was made with other settings
├── UnknownProfile       nobody is known by what was asked for
├── Conflict             what is asked does not fit what is there
├── Fenced               another worker took this shard over
└── DecisionFault        the core failed on one input; the input goes to the dead letters

Each takes its data and writes its own sentence; all of them pickle, because Celery sends them
between processes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.model.words import Words

if TYPE_CHECKING:
    from engine.model.problem import Problem


class ParcoursError(Exception):
    """Base of all. `code` is stable and may be matched by programs."""

    code = "error"

    def __init__(self, *data: object) -> None:
        super().__init__(*data)
        self.data = data

    def __reduce__(self) -> tuple[type[ParcoursError], tuple[object, ...]]:
        return (type(self), self.data)

    def __str__(self) -> str:
        return self.sentence()

    def sentence(self) -> str:
        """What is wrong and what to do."""
        return " ".join(str(part) for part in self.data)

    @property
    def words(self) -> str:
        """The sentence; where it was made as Words these, so that an edge can say it in another language."""
        return self.data[0] if len(self.data) == 1 and isinstance(self.data[0], str) else self.sentence()


class DefinitionError(ParcoursError):
    """The workspace has problems; `problems` lists all of them, sorted by place."""

    code = "definition"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(tuple(problems))
        self.problems = tuple(problems)

    def sentence(self) -> str:
        count = len(self.problems)
        return f"{count} problem{'s' if count != 1 else ''}: " + "; ".join(str(p) for p in self.problems[:3])


class BadEvent(ParcoursError):
    """`field` is the path inside the event ('properties.total'), `reason` what is wrong with it."""

    code = "bad_event"

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason

    def sentence(self) -> str:
        return f"{self.field}: {self.reason}"


class RenderFailed(ParcoursError):
    """`place` is file:line of the template, `reason` a sentence for the marketer."""

    code = "render_failed"

    def __init__(self, message: str, channel: str, place: str, reason: str) -> None:
        super().__init__(message, channel, place, reason)
        self.message = message
        self.channel = channel
        self.place = place
        self.reason = reason

    def sentence(self) -> str:
        return f"{self.place}: '{self.message}' cannot be rendered for {self.channel}: {self.reason}"


class NoVoucher(RenderFailed):
    """The message gives a voucher code, and the pool has none left."""

    code = "no_voucher"


class SetupError(ParcoursError):
    """What is missing or in the way on this machine, and what to do about it (one sentence)."""

    code = "setup"


class StoreMismatch(ParcoursError):
    """The store says one thing, the settings another."""

    code = "store_mismatch"


class UnknownProfile(ParcoursError):
    """Nobody is known as `who`; `looked` says where it was looked for."""

    code = "unknown_profile"

    def __init__(self, who: str, looked: str) -> None:
        super().__init__(who, looked)
        self.who = who
        self.looked = looked

    def sentence(self) -> str:
        return str(self.words)

    @property
    def words(self) -> str:
        shown = self.who if len(self.who) <= 100 else f"{self.who[:100]}..."
        return Words("Nobody is known as {who!r}: {looked}.", who=shown, looked=self.looked)


class Conflict(ParcoursError):
    """What is asked does not fit what is there now: one sentence."""

    code = "conflict"


class Fenced(ParcoursError):
    """Another worker holds this shard now; whatever this one was about to write is refused."""

    code = "fenced"


class DecisionFault(ParcoursError):
    """The core failed on one input: `what` names it, `reason` is the fault."""

    code = "decision_fault"
