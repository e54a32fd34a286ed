"""What was observed, read back: the log and the timeline keep it in English, and a page says it in its own language.

Each pattern is a sentence that the engine writes down. Its values are words of the workspace, of customers and of
providers, which stay as they are, but for those whose names stand in READ: they are sentences or values of ours again.
What fits no pattern is somebody else's and stays as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from engine.runtime.observations import BETWEEN, PATTERNS
from engine.runtime.observed_words import RULES, SPANS, VALUES

Say = Callable[[str], str]
_NAME = r"[\w.*/@:-]+"
_SHAPES = {
    **dict.fromkeys(("path", "channel", "purpose", "journey", "event", "segment", "word", "action", "rule"), _NAME),
    **dict.fromkeys(("n", "m"), r"[\d.,]+(?:e[-+]?\d+)?"),
    "time": r"\d{4}-\d\d-\d\dT[\d:.]+Z",
    "day": r"\d{4}-\d\d-\d\d",
    "rule": "|".join(RULES),
    "state": "granted|denied|unknown",
    "outcome": "accepted|declined|not_relevant|no_time|ignored|shown",
    "stop": "paused|killed",
    "span": r"\d[\w ]*",
    "value": r'".*"|[^\s"(),]+|\d{4}-\d\d-\d\d \d\d:\d\d UTC|a list of \d+|a huge number|a group of properties'
    r"|something unreadable",
    "need": r'(?:"[^"]*"|[^()"]|\([^()]*\))+',
    "channels": r"\w+(?:, \w+)*",
}
READ = frozenset(("seen", "more", "value", "need", "unit"))
WORDS = frozenset(("rule", "state", "outcome", "stop"))
COLON = "{rule}: {seen}"
_DEEPEST = 8
_LONGEST = 2_000  # characters: what is longer is shown as it stands
_Found = tuple[str, str, re.Pattern[str]]


def read(text: str, say: Say) -> str:
    """The text in the language of `say`."""
    if not text or len(text) > _LONGEST:
        return text
    found = _read(text, say, 0)
    return text if found is None else found


@lru_cache(4096)
def _read(text: str, say: Say, depth: int) -> str | None:
    """The text in words of `say`; None when it is none of ours."""
    if text in VALUES:
        return say(VALUES[text])
    if depth > _DEEPEST:
        return None
    for pattern, needle, regex in _patterns():
        if needle in text and (match := regex.fullmatch(text)) is not None:
            given = match.groupdict().items()
            return say(pattern).format(**{name: _value(name, value, say, depth + 1) for name, value in given})
    return _in_parts(text, say, depth)


def _value(name: str, value: str, say: Say, depth: int) -> str:
    if name in WORDS:
        return say(RULES.get(value, value))
    if name == "span":
        return re.sub(r"(\d+) ?(mo|[dwyhms])\b", lambda found: say(SPANS[found[2]]).format(n=found[1]), value)
    return (_read(value, say, depth) if name in READ else None) or value


def _in_parts(text: str, say: Say, depth: int) -> str | None:
    """Several sentences in a row, of which the first is known."""
    for between in BETWEEN:
        for place in _outside(text, between):
            first, more = text[:place], text[place + len(between) :]
            said = _read(first, say, depth + 1)
            if said is not None:
                rest = _read(more, say, depth + 1)
                return said + say(between) + (more if rest is None else rest)
    for place in _outside(text, ": "):  # what somebody wrote, and what was seen of it
        said = _read(text[place + 2 :], say, depth + 1)
        if said is not None:
            return say(COLON).format(rule=text[:place], seen=said)
    return None


def _outside(text: str, between: str) -> Iterator[int]:
    """Where `between` stands outside of quotation marks and brackets."""
    quoted, depth = False, 0
    for place, sign in enumerate(text):
        if sign == '"':
            quoted = not quoted
        elif not quoted and sign in "([":
            depth += 1
        elif not quoted and sign in ")]":
            depth -= 1
        if not quoted and depth == 0 and text.startswith(between, place):
            yield place


@cache
def _patterns() -> tuple[_Found, ...]:
    """Each pattern, the longest text that every sentence of it has, and how it is found."""
    made = []
    for pattern in PATTERNS:
        parts = re.split(r"\{(\w+)\}", pattern)
        regex = "".join(
            f"(?P<{part}>{_SHAPES.get(part, '.+?')})" if place % 2 else re.escape(part)
            for place, part in enumerate(parts)
        )
        made.append((pattern, max(parts[::2], key=len), re.compile(regex, re.DOTALL)))
    return tuple(made)
