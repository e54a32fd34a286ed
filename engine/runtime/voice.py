"""The language in which a story is told: English on a terminal, that of whoever looks on a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from string import Formatter
from typing import Any

from engine.model.words import N_ as N_
from engine.model.words import Words


@dataclass(frozen=True, slots=True)
class Voice:
    """`say` translates a text that is marked by `N_`; `locale` is for days and months: en, fr, fr_CA."""

    say: Callable[[str], str] = str
    locale: str = "en"

    def day(self, local: datetime) -> str:
        """'Tuesday 25 November 2025'."""
        return self._written(local, f"{local:%A} {local.day} {local:%B %Y}", "EEEE d MMMM y")

    def date(self, local: datetime, *, year: bool) -> str:
        """'Tue 25 Nov', with the year where it is wanted."""
        english = f"{local:%a} {local.day} {local:%b}" + (f" {local:%Y}" if year else "")
        return self._written(local, english, "EEE d MMM y" if year else "EEE d MMM")

    @property
    def is_english(self) -> bool:
        return self.locale.partition("_")[0] == "en"

    def read(self, text: str) -> str:
        """What was observed, which is kept in English: see reading.py."""
        if self.is_english:
            return text
        from engine.runtime.reading import read

        return read(text, self.say)

    def tell(self, text: str) -> str:
        """A sentence of ours (Words); any other text is somebody's own, and stays as it is."""
        if self.is_english or not isinstance(text, Words):
            return str(text)
        if not text.pattern:
            return "".join(self.tell(each) for each in text.values.values())
        said = self.say(text.pattern)
        return _Formatter(self).vformat(said, (), text.values) if text.values else said

    def name(self, text: str) -> str:
        """A heading: a sentence of ours, or one of a few names that are all ours."""
        return self.tell(text) if isinstance(text, Words) else self.say(text)

    def _written(self, local: datetime, english: str, pattern: str) -> str:
        if self.is_english:
            return english
        from babel.dates import format_date

        return format_date(local.date(), pattern, self.locale)


class _Formatter(Formatter):
    """Puts values into a sentence: sentences in its language, numbers with its signs."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, str):
            return format(self._voice.tell(value), format_spec)
        text: str = super().format_field(value, format_spec)
        if not format_spec or not isinstance(value, int | float):
            return text
        from babel.numbers import get_decimal_symbol, get_group_symbol

        signs: dict[str, str | int | None] = {
            ",": get_group_symbol(self._voice.locale),
            ".": get_decimal_symbol(self._voice.locale),
        }
        return text.translate(str.maketrans(signs))


ENGLISH = Voice()
