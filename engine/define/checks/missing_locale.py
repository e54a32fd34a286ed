"""A brand text that one of the workspace's languages lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.define.checks.rule import Rule, Workspace
from engine.model.problem import Problem


class MissingLocale(Rule):
    """The signature or a legal line is written in some languages and not in others."""

    code = "missing_locale"
    level = "hint"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        doc = workspace.doc("brand")
        if doc is None:
            return
        brand = workspace.plan.brand
        written: dict[tuple[str, ...], Mapping[str, str]] = {("signature",): brand.get("signature") or {}}
        written |= {("legal", channel): texts for channel, texts in (brand.get("legal") or {}).items()}
        for path, texts in written.items():
            for locale in workspace.languages:
                if texts and not texts.get(locale) and not texts.get(locale.split("_")[0]):
                    what = " ".join(reversed(path)) if len(path) > 1 else path[0]
                    yield self.problem(
                        doc,
                        ("brand", *path),
                        f"there is no {what} text in {locale}.",
                        f"Add '{locale}:' below, as templates/locales/{locale}.po promises that language.",
                        key=True,
                    )
