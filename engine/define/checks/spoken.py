"""Where a word of a rendered message was written: in its template, in a translation, or in a shared file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.define.checks.persona import Shown
from engine.define.checks.rule import Workspace
from engine.model.problem import Place

_TAGS = re.compile(r"<style.*?</style>|<[^>]+>", re.DOTALL)


def texts(shown: Shown) -> Iterator[str]:
    """What the customer reads of a message: no markup, no addresses."""
    if shown.rendered is None:
        return
    for name, text in shown.rendered.parts.items():
        if name not in ("link", "html"):
            yield text
        elif name == "html":
            yield _TAGS.sub(" ", text)


def written_at(workspace: Workspace, shown: Shown, pattern: re.Pattern[str]) -> tuple[Place, int]:
    """The place and width of what `pattern` finds, in the likeliest file first."""
    own = [f"templates/locales/{shown.locale}.po", f"templates/locales/{shown.locale.split('_')[0]}.po"]
    source = shown.locale == workspace.renderer.locales[0]
    files = [shown.file, "journeys/brand.yaml"] if source else [*own, shown.file, "journeys/brand.yaml"]
    files += [name for name in sorted(workspace.sources) if name.startswith(("templates/components", "templates/lay"))]
    for file in files:
        for number, line in enumerate(workspace.sources.get(file, "").splitlines(), 1):
            skipped = file.endswith(".po") and line.startswith(("#", "msgid"))
            avoids = file.endswith(".yaml") and "avoid:" in line
            found = None if skipped or avoids else pattern.search(line)
            if found is not None:
                return Place(file, number, found.start() + 1), found.end() - found.start()
    return Place(shown.file, 1, 1), 1
