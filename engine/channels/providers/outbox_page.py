"""How a message looks as a file that a person opens: the true page under a box with its envelope."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape

from engine.model.message import Outgoing

_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_BOX = (
    "margin:0;padding:12px 16px;background:#fffbe6;border-bottom:2px solid #d9b400;color:#222;"
    "font:14px/1.5 system-ui,sans-serif;text-align:left"
)


def when(at: int) -> datetime:
    """Epoch ms -> UTC."""
    return datetime.fromtimestamp(at / 1000, UTC)


def envelope(outgoing: Outgoing, sender: str) -> dict[str, str]:
    """What surrounds the message, in the order it is shown."""
    rows = {
        "from": sender,
        "to": f"{outgoing.address} ({outgoing.to})" if outgoing.to else outgoing.address,
        "subject": outgoing.rendered.parts.get("subject", ""),
        "preheader": outgoing.rendered.parts.get("preheader", ""),
        "at": when(outgoing.at).isoformat(timespec="seconds"),
        "expires": when(outgoing.expires).isoformat(timespec="seconds") if outgoing.expires is not None else "",
        "customer": outgoing.label,
        "profile": outgoing.profile,
        "journey": f"{outgoing.journey} / {outgoing.step}",
        "message": f"{outgoing.message} ({outgoing.rendered.locale}, {outgoing.purpose})",
        "attempt": outgoing.attempt_id,
    }
    return {name: value for name, value in rows.items() if value}


def page(outgoing: Outgoing, sender: str) -> tuple[str, str]:
    """The file's ending and its text: e-mail as html, SMS as txt, every other channel as json."""
    rows = envelope(outgoing, sender)
    parts = outgoing.rendered.parts
    if "html" in parts:
        return "html", _with_box(parts["html"], rows, parts.get("text", ""))
    if set(parts) == {"text"}:
        return "txt", "".join(f"{name}: {_one_line(value)}\n" for name, value in rows.items()) + f"\n{parts['text']}\n"
    return "json", json.dumps(
        {**rows, "channel": outgoing.channel, "parts": parts}, ensure_ascii=False, indent=2
    ) + "\n"


def _with_box(html: str, rows: Mapping[str, str], text: str) -> str:
    lines = "".join(
        f"<div><b>{escape(name.capitalize())}</b>: <span>{escape(_one_line(value))}</span></div>"
        for name, value in rows.items()
    )
    plain = f"<details><summary>Text part</summary><pre>{escape(text)}</pre></details>" if text else ""
    box = f'<div data-outbox="envelope" style="{_BOX}">{lines}{plain}</div>'
    body = _BODY.search(html)
    cut = body.end() if body else 0
    return html[:cut] + box + html[cut:]


def _one_line(value: str) -> str:
    return " ".join(value.split())
