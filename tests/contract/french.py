"""What of a page is English: its visible words, those of a language of their own and what is quoted left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from html.parser import HTMLParser

import yaml

from engine.define.built_in import BUILT_IN
from tests.unit.console.texts import said, translated

# Elements that show no words, and those that quote: files, lines of them, what somebody wrote.
SILENT = frozenset(("script", "style", "svg", "code", "q", "textarea", "pre", "blockquote", "title"))
VOID = frozenset(("meta", "link", "input", "br", "img", "hr", "rect", "path", "circle", "line", "use", "wbr"))
ATTRIBUTES = ("aria-label", "title", "placeholder", "alt")
WORD = re.compile(r"(?<![\w.@:/-])[a-z][a-z']+(?![\w@/-]|[.:][\w])", re.IGNORECASE)
# A condition in the language of the workspace's files.
CONDITION = re.compile(r"\w+ where .*?(?= : | - |$)")
# What English has and French has not, beside what our own sentences say.
COMMON = frozenset(
    re.findall(
        r"\w+",
        """the of and to in is was were are it its that by for with from not no nobody nothing everything has have had
        will would at than then when where which who whose what why how been being this these those there their they
        them he she his her one two more most less each every any all some none before after since until while only
        other another made make makes see set run runs start starts still already again""",
    )
)
# Words of both languages, and names.
BOTH = frozenset(["on", "as", "parcours", "celery", "redis", "valkey"])


class _Seen(HTMLParser):
    """Collects what is shown in the language of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._stack: list[tuple[str, bool]] = [("", True)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        shown = self._stack[-1][1] and tag not in SILENT and given.get("lang") in (None, "fr")
        if shown or tag == "svg":
            self.texts += [given[name] or "" for name in ATTRIBUTES if given.get(name)]
        if tag not in VOID:
            self._stack.append((tag, shown))

    def handle_endtag(self, tag: str) -> None:
        if any(each == tag for each, _ in self._stack):
            while self._stack.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._stack[-1][1] and data.strip():
            self.texts.append(" ".join(data.split()))


@cache
def _english() -> frozenset[str]:
    """Words of our English texts that are in none of the French ones."""

    def words(texts: Iterable[str]) -> set[str]:
        return {each.lower() for text in texts for each in WORD.findall(re.sub(r"%\(\w+\)s|\{\w+\}", " ", text))}

    ours = words(text for each in said() for text in (each if isinstance(each, tuple) else (each,)))
    french = words(form for forms in translated("fr").values() for form in forms)
    return frozenset((ours | COMMON) - french - BOTH)


class Own:
    """What the workspace itself says, and `more` that customers and machines say: it stays as it is written."""

    def __init__(self, sources: Mapping[str, str], *more: str) -> None:
        said = set(more)
        for name, text in sources.items():
            if name.endswith((".yaml", ".yml")):
                for node in yaml.parse(text, yaml.CSafeLoader):
                    if isinstance(node, yaml.ScalarEvent):
                        said.add(" ".join(node.value.split()))
        for name, (_, properties) in BUILT_IN.items():
            said |= {name, *properties}
        self.names = frozenset(each.lower() for each in said if " " not in each) - COMMON
        self._texts = sorted((each for each in said if " " in each), key=len, reverse=True)

    def without(self, text: str) -> str:
        """The text without what the workspace says."""
        for each in self._texts:
            text = text.replace(each, " ")
        return CONDITION.sub(" ", text)


def english(html: str, own: Own) -> list[str]:
    """The texts of a French page that have English words in them which are none of the workspace's."""
    seen = _Seen()
    seen.feed(html)
    found = []
    for text in dict.fromkeys(seen.texts):
        slips = {each.lower() for each in WORD.findall(own.without(text))} & _english() - own.names
        if slips:
            found.append(f"{text[:300]}  [{', '.join(sorted(slips))}]")
    return found
