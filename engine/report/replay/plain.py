"""A what-if for programs: one JSON object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from engine.model.record import Told
from engine.policy.wallclock import iso
from engine.report.replay.fail_if import Verdict
from engine.report.replay.figures import Changes
from engine.report.replay.line import Line
from engine.report.replay.what_if import WhatIf


def as_json_text(found: WhatIf, verdicts: Sequence[Verdict] = ()) -> str:
    """Everything that is shown, and every single difference; instants as ISO text."""
    return msgspec.json.format(msgspec.json.encode(as_data(found, verdicts)), indent=2).decode()


def as_data(found: WhatIf, verdicts: Sequence[Verdict] = ()) -> dict[str, Any]:
    """The same as plain data."""
    made = found.found
    names = ("kind", "journey", "message", "channel", "reason")
    changes = Changes.of(made)
    data: dict[str, Any] = {
        "since": iso(found.since),
        "until": iso(found.until),
        "events": found.events,
        "customers": made.customers,
        "differing": len(made.differing),
        "plans": list(found.plans),
        "draft": found.draft,
        "figures": [
            dict(zip(names, each, strict=True)) | {"was": made.was[each], "would": made.would[each]}
            for each in sorted({*made.was, *made.would})
        ],
        "messages": {
            "gone": [_line(found, each) for each in changes.gone],
            "new": [_line(found, each) for each in changes.new],
            "shifted": [{"was": _line(found, was), "would": _line(found, would)} for was, would in changes.shifted],
            "reworded": [
                {"message": message, "channel": channel, "times": times}
                for (message, channel), times in sorted(made.reworded.items())
            ],
        },
        "differences": [{"side": each.side, **_line(found, each.line)} for each in made.differences],
        "left_out": dict(sorted(made.left_out.items())),
        "unknown_events": dict(sorted(made.unknown.items())),
        "unrenderable": [
            {"message": message, "channel": channel, "place": place, "reason": reason, "times": times}
            for (message, channel, place, reason), times in sorted(made.unrendered.items())
        ],
        "faults": made.faults,
        "astray": made.astray,
        "fail_if": [
            {"condition": each.condition.text, "was": each.was, "would": each.would, "holds": each.holds}
            for each in verdicts
        ],
    }
    if found.who:
        data["profiles"] = list(found.who)
        data["was"] = [_told(profile, told) for profile, told in made.told_was]
        data["would"] = [_told(profile, told) for profile, told in made.told_would]
    return data


def _line(found: WhatIf, line: Line) -> dict[str, Any]:
    data = {name: value for name in line.__struct_fields__ if (value := getattr(line, name))}
    data |= {"at": iso(line.at), "customer": found.found.labels.get(line.profile, line.profile)}
    if line.until is not None:
        data["until"] = iso(line.until)
    return data


def _told(profile: str, told: Told) -> dict[str, Any]:
    data: dict[str, Any] = {name: value for name in told.__struct_fields__ if (value := getattr(told, name))}
    data |= {"profile": profile, "at": iso(told.at)}
    if told.until is not None:
        data["until"] = iso(told.until)
    return data
