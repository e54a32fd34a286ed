"""What `parcours plan --history` says: who changed what, and when."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from engine.policy.standing import called
from engine.policy.wallclock import iso
from engine.runtime.audit import Entry, entries

if TYPE_CHECKING:
    from engine.runtime.store import Store


def show(store: Store, as_json: bool) -> str:
    """The latest entries, the newest first."""
    found = entries(store, 50)
    if as_json:
        return json.dumps([asdict(each) | {"at": iso(each.at)} for each in found], ensure_ascii=False, indent=2)
    return "\n".join(map(_line, found)) or "Nothing was deployed or stopped yet."


def _line(entry: Entry) -> str:
    details = entry.details
    if entry.what == "deploy":
        over = f" over {details['before']}" if details.get("before") else ""
        what = f"{details.get('plan')}{over}"
    else:
        what = called(str(details.get("journey"))) + (f" ({details['how']})" if details.get("how") else "")
        what += f": {details['why']}" if details.get("why") else ""
    return f"{iso(entry.at)}  {entry.what:<7} {what}{f', by {entry.who}' if entry.who else ''}"
