"""Colours that many people cannot read."""

from __future__ import annotations

from collections.abc import Iterator

from engine.define.checks.rule import Rule, Workspace
from engine.model.problem import Problem

# WCAG 2: normal text needs this much against what is behind it.
ENOUGH = 4.5
PAIRS = (
    ("text", "surface"),
    ("text", "background"),
    ("primary", "surface"),
    ("primary", "background"),
    ("on_primary", "primary"),
    ("muted", "background"),
    ("dark_text", "dark_surface"),
    ("dark_text", "dark_background"),
    ("dark_muted", "dark_background"),
)


class LowContrast(Rule):
    """A text colour too close to the colour behind it (WCAG 2, 4.5 to 1)."""

    code = "low_contrast"
    level = "hint"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        doc = workspace.doc("brand")
        colours = workspace.plan.brand.get("colours") or {}
        for front, back in PAIRS if doc is not None else ():
            ratio = contrast(colours[front], colours[back])
            written = doc.data["brand"].get("colours") if doc is not None and doc.data["brand"] else None
            mine = next((name for name in (front, back) if isinstance(written, dict) and name in written), None)
            if doc is not None and mine is not None and ratio < ENOUGH:
                seen = f"'{front}' on '{back}' has a contrast of {ratio:.1f} to 1"
                text = f"{seen}; {ENOUGH} is the least that all can read."
                hint = f"Make '{mine}' darker or lighter."
                yield self.problem(doc, ("brand", "colours", mine), text, hint)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours (#rrggbb), 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
