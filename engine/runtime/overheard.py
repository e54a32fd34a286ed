"""What the gate was told from outside while it decided about one message: the log keeps it, so that the same question
can be asked again without the address book, the templates and the providers of that time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from engine.journey.wording import Render
from engine.model.address import UNHEARD_OF, Book, Standing
from engine.model.errors import RenderFailed
from engine.model.flags import Flags, Pause
from engine.model.message import Rendered


class Overheard(Struct, omit_defaults=True):
    """Only what is out of the ordinary; nothing personal.

    failed    channel -> (code, reason, place): its message could not be rendered
    book      channel -> what was known of the customer's address there
    block     the block that had just forbidden it
    provider  who gets the message that begins to leave
    figures   the prices and amounts that it says, see `Rendered.figures`
    repeatable, repeated  what recovery knew: see `recover` and `settle`
    """

    failed: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    book: dict[str, Standing] = field(default_factory=dict)
    block: str = ""
    provider: str = ""
    figures: dict[str, float] = field(default_factory=dict)
    repeatable: bool = False
    repeated: bool = False

    def render(self, render: Render) -> Render:
        """The same renderer, listened to."""

        def listened(message: str, channel: str, locale: str, roots: Mapping[str, Any]) -> Rendered:
            try:
                made = render(message, channel, locale, roots)
                self.figures = made.figures
                return made
            except RenderFailed as fault:
                self.failed[channel] = (fault.code, fault.reason, fault.place)
                raise

        return listened

    def read(self, book: Book) -> Book:
        """The same book, listened to."""

        def listened(channel: str, address: str) -> Standing:
            standing = book(channel, address)
            if standing is not UNHEARD_OF:
                self.book[channel] = Standing(dict(standing.said), standing.taken_by)  # the log takes plain data only
            return standing

        return listened


class Stopped(Struct, array_like=True, frozen=True):
    """The flags of a decision, as the log keeps them where there were any; `learned` is the snapshot's number."""

    paused: list[str]
    killed: list[str]
    over: dict[str, tuple[Pause, ...]]
    resting: list[str]
    down: list[str]
    learned: int = 0

    @classmethod
    def of(cls, flags: Flags) -> Stopped | None:
        """None when nothing was stopped."""
        learned = flags.learned.number if flags.learned is not None else 0
        if not (flags.paused or flags.killed or flags.over or flags.resting or flags.down or learned):
            return None
        named = (flags.paused, flags.killed, flags.resting, flags.down)
        paused, killed, resting, down = (sorted(each) for each in named)
        return cls(paused, killed, dict(flags.over), resting, down, learned)

    def flags(self) -> Flags:
        """The flags again."""
        return Flags(
            frozenset(self.paused), frozenset(self.killed), self.over, frozenset(self.resting), frozenset(self.down)
        )
