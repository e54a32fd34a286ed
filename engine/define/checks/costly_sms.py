"""An SMS that costs more for a single character."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.channels import CHANNEL
from engine.define.checks.rule import Rule, Workspace
from engine.define.checks.spoken import written_at
from engine.model.problem import Place, Problem
from engine.render.preview.sms import measure


class CostlySms(Rule):
    """A character outside the short alphabet leaves room for 70 characters instead of 160, and the text needs more."""

    code = "costly_sms"
    level = "hint"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        told: set[Place] = set()
        for shown in workspace.shown:
            if shown.channel != "sms" or shown.rendered is None:
                continue
            text = shown.rendered.parts["text"]
            length = measure(text)
            without = measure("".join("e" if sign in length.others else sign for sign in text)).segments
            if not length.others or without == length.segments or length.segments > CHANNEL["sms"].limits["segments"]:
                continue
            sign = length.others[0]
            place, width = written_at(workspace, shown, re.compile(re.escape(sign)))
            said = f"'{sign}' makes this SMS {length.segments} parts instead of {without} in {shown.locale}."
            hint = "Take another word; of the accents é, è, à, ù, ì, ò, ä, ö, ü, ñ are in the short alphabet."
            if place not in told:  # in another language, or from another journey
                told.add(place)
                yield self.in_text(workspace, place, width, said, hint)
