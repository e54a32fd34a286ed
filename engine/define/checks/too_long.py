"""A text longer than its channel shows."""

from __future__ import annotations

from collections.abc import Iterator

from engine.channels import CHANNEL
from engine.define.checks.persona import Shown
from engine.define.checks.rule import Rule, Workspace
from engine.model.problem import Place, Problem
from engine.render.preview.sms import measure

# The block that is written for a part alone, and the one it is taken from otherwise.
BLOCKS = {
    ("email", "subject"): ("subject", "headline"),
    ("push", "title"): ("headline",),
    ("push", "body"): ("push", "summary"),
    ("sms", "text"): ("sms", "summary"),
    ("store", "title"): ("headline",),
    ("store", "body"): ("summary", "body"),
    ("store", "associate"): ("associate",),
}
# Blocks that serve one part of one channel.
OWN = ("subject", "push", "sms")


class TooLong(Rule):
    """A push of which the end is not shown, an SMS of many paid parts, a subject that is cut off."""

    code = "too_long"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        worst: dict[tuple[str, str, str], tuple[int, Shown, str]] = {}
        for shown in workspace.shown:
            if shown.use.spec.message in workspace.faulty:
                continue
            for part, length, said in _over(shown):
                key = (shown.file, shown.channel, part)
                if key not in worst or worst[key][0] < length:
                    worst[key] = (length, shown, said)
        for (file, channel, part), (_, shown, said) in worst.items():
            line, column, width = block_of(workspace, shown.use.spec.message, channel, part)
            message = f"{said} in {shown.locale}."
            own = BLOCKS.get((channel, part), ("",))[0]
            hint = f"Write less, or a shorter {{% block {own} %}} for this alone." if own in OWN else "Write less."
            yield self.in_text(workspace, Place(file, line, column), width, message, hint)


def _over(shown: Shown) -> Iterator[tuple[str, int, str]]:
    """(part, length, sentence) of what is too long."""
    if shown.rendered is None:
        return
    parts = shown.rendered.parts
    for limit, most in CHANNEL[shown.channel].limits.items():
        if limit == "preheader":
            continue  # mail programs show as much as there is room for, and nothing is lost: the page has it again
        if limit == "segments":
            measured = measure(parts.get("text", ""))
            count, odd = measured.segments, measured.others[:1]
            wide = f" because '{odd}' is not in the short alphabet" if odd else ""
            said = f"as an SMS this takes {count} parts{wide}; {most} are the most that are paid for"
            found = ("text", count, said)
        elif limit.endswith("_bytes"):
            name = limit.removesuffix("_bytes")
            size = len(parts.get(name, "").encode())
            found = (name, size, f"the page has {size:,} bytes; from {most:,} on mail programs cut it off")
        else:
            size = len(parts.get(limit, ""))
            found = (limit, size, f"the {shown.channel} {limit} has {size} characters; {most} are shown")
        if found[1] > most:
            yield found


def block_of(workspace: Workspace, message: str, channel: str, part: str) -> tuple[int, int, int]:
    """Line, column and width of the name of the block that a part is made from."""
    blocks = workspace.reads(message).blocks
    for name in BLOCKS.get((channel, part), ("body", "summary")):
        if name in blocks:
            return (*blocks[name], len(name))
    return 1, 1, 1
