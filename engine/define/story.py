"""Which files of a workspace are stories: `parcours test` runs them, no plan is made of them."""

from __future__ import annotations

import re

_FIRST_KEY = re.compile(r"\A\ufeff?(?:[ \t]*(?:#[^\n]*)?\r?\n|---[ \t]*\r?\n)*[\"']?tests[\"']?[ \t]*:")


def is_story(text: str) -> bool:
    """Is `tests` the first key of this YAML?"""
    return _FIRST_KEY.match(text) is not None
