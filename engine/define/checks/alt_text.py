"""A picture of which nothing is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from engine.define.checks.rule import Rule, Workspace
from engine.define.checks.spoken import written_at
from engine.model.problem import Problem


class AltText(Rule):
    """Many mail programs show no pictures, and many readers hear them: `alt` says what is there."""

    code = "alt_text"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        seen: set[Problem] = set()
        for shown in workspace.shown:
            html = shown.rendered.parts.get("html", "") if shown.rendered is not None else ""
            if "<img" not in html:
                continue
            for source in _Pictures.silent(html):
                place, width = written_at(workspace, shown, re.compile(r"<img\b(?![^>]*\balt\s*=)[^>]*"))
                text = f"the picture {source[:60]} has no alt text."
                hint = 'Write alt="what is on it", or use ui.image(url, alt); alt="" if it is only an ornament.'
                problem = self.in_text(workspace, place, width, text, hint)
                if problem not in seen:
                    seen.add(problem)
                    yield problem


class _Pictures(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "img" and given.get("alt") is None:
            self.found.append(given.get("src") or "without an address")

    @classmethod
    def silent(cls, html: str) -> list[str]:
        """The addresses of pictures without alt text."""
        parser = cls()
        parser.feed(html)
        return parser.found
