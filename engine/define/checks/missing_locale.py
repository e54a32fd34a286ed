"""A text of the brand or of the catalogue that one of the workspace's languages lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.define.catalog import text_of_item
from engine.define.checks.rule import Rule, Workspace
from engine.model.problem import Problem


class MissingLocale(Rule):
    """The signature, a legal line or a text of an item is written in some languages and not in others."""

    code = "missing_locale"
    level = "hint"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        yield from self._brand(workspace)
        yield from self._catalog(workspace)

    def _brand(self, workspace: Workspace) -> Iterator[Problem]:
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

    def _catalog(self, workspace: Workspace) -> Iterator[Problem]:
        doc = workspace.doc("catalog")
        if doc is None:
            return
        lacking: dict[tuple[str, str, str], list[str]] = {}
        for kind, items in workspace.plan.catalog.items():
            for key, item in items.items():
                for field, texts in item.items():
                    for locale in _missing(texts, workspace.languages):
                        lacking.setdefault((kind, field, locale), []).append(key)
        for (kind, field, locale), (key, *others) in lacking.items():
            more = f" (and of {len(others):,} other{'s' if len(others) > 1 else ''})" if others else ""
            yield self.problem(
                doc,
                text_of_item(doc, kind, key, field),
                f"'{field}' of item '{key}'{more} is not written in {locale}.",
                f"Write it, as templates/locales/{locale}.po promises that language; else '{workspace.languages[0]}' "
                "stands in.",
            )


def _missing(texts: Any, languages: Iterable[str]) -> Iterator[str]:
    """The languages that a text has nothing for; one that is for all lacks none."""
    if isinstance(texts, Mapping) and not texts.get(""):
        yield from (each for each in languages if not texts.get(each) and not texts.get(each.split("_")[0]))
