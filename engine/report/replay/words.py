"""Whether two worlds say the same: what a message is made of, as one short text.

Where templates, brand and catalogue are those of then, the same data give the same words, and nothing is rendered;
where they differ, both are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

import msgspec

from engine.define.workspace import Compiled
from engine.journey.wording import Render
from engine.model.errors import RenderFailed
from engine.model.message import Rendered
from engine.report.replay.plans import PastPlans

Failed = tuple[str, str, str]  # code, reason, place
Worded = dict[tuple[str, str], Failed | None]  # (plan, made of) -> how it failed
MESSAGES = "templates/messages/"
ALL = "*"
MADE = "made of"  # the part of a rendering that holds what its words are made of
_encode = msgspec.msgpack.Encoder(order="sorted").encode


class Wording:
    """Which messages a draft words otherwise than the plans of the past."""

    def __init__(self, draft: Compiled, plans: PastPlans) -> None:
        self._draft, self._plans = draft, plans
        self._otherwise: dict[str, frozenset[str]] = {}

    def otherwise(self, message: str, fingerprint: str) -> bool:
        """Whether a message may read otherwise under the draft than under that plan."""
        names = self._otherwise.get(fingerprint)
        if names is None:
            names = self._otherwise[fingerprint] = reworded(self._plans.compiled(fingerprint), self._draft)
        return ALL in names or message in names


def reworded(was: Compiled, draft: Compiled) -> frozenset[str]:
    """The messages whose templates differ; ALL when something differs that every message is made of."""
    if (was.plan.brand, was.plan.catalog, was.plan.kinds) != (draft.plan.brand, draft.plan.catalog, draft.plan.kinds):
        return frozenset({ALL})
    names = {name for name in {**was.sources, **draft.sources} if name.startswith("templates/")}
    changed = {name for name in names if was.sources.get(name) != draft.sources.get(name)}
    if all(name.startswith(MESSAGES) for name in changed):
        return frozenset(name.removeprefix(MESSAGES).removesuffix(".j2") for name in changed)
    return frozenset({ALL})


def data_of(channel: str, locale: str, roots: Mapping[str, Any]) -> str:
    """What a message is told, as a hash; the instant is no part of it."""
    told = {name: value for name, value in roots.items() if name != "now"}
    return sha256(_encode([channel, locale, told])).hexdigest()[:24]


def text_of(render: Render, message: str, channel: str, locale: str, roots: Mapping[str, Any]) -> str:
    """What a message reads, as a hash. Raises RenderFailed."""
    return sha256(_encode(render(message, channel, locale, roots).parts)).hexdigest()[:24]


def failure(message: str, channel: str, failed: Failed) -> RenderFailed:
    """What was raised then."""
    code, reason, place = failed
    fault = RenderFailed(message, channel, place, reason)
    fault.code = code
    return fault


def as_then(
    failed: Mapping[str, Failed],
    plan: str,
    wording: Wording,
    render: Render,
    seen: Callable[[str, str, str, str, Failed | None], None],
) -> Render:
    """The renderer of the past: it fails where it failed, and tells `seen` (message id, channel, plan, made of,
    failure)."""

    def rendered(message: str, channel: str, locale: str, roots: Mapping[str, Any]) -> Rendered:
        made = data_of(channel, locale, roots)
        if (failed_then := failed.get(channel)) is not None:
            seen(str(roots["message_id"]), channel, plan, made, failed_then)
            raise failure(message, channel, failed_then)
        if wording.otherwise(message, plan):
            try:
                made = text_of(render, message, channel, locale, roots)
            except RenderFailed:  # it could be rendered then, with what is not in the archive
                made = ""
        seen(str(roots["message_id"]), channel, plan, made, None)
        return Rendered(message, channel, locale, {MADE: made})

    return rendered


def as_drafted(
    known: Mapping[tuple[str, str], Worded],
    wording: Wording,
    render: Render,
    seen: Callable[[RenderFailed], None],
) -> Render:
    """The renderer of the draft. What is made of the same as then is not rendered; `seen` is told what fails."""

    def rendered(message: str, channel: str, locale: str, roots: Mapping[str, Any]) -> Rendered:
        then = known.get((str(roots["message_id"]), channel), {})
        data = data_of(channel, locale, roots)
        for (plan, made), failed in then.items():
            if made == data and not wording.otherwise(message, plan):
                if failed is not None:
                    raise failure(message, channel, failed)
                return Rendered(message, channel, locale, {MADE: made})
        try:
            text = text_of(render, message, channel, locale, roots)
        except RenderFailed as fault:
            seen(fault)
            raise
        return Rendered(message, channel, locale, {MADE: text})

    return rendered
