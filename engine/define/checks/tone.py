"""A message that says vous where the brand says tu, or the other way round."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from engine.define.checks.persona import Shown
from engine.define.checks.rule import Rule, Workspace
from engine.define.checks.spoken import texts, written_at
from engine.model.problem import Problem


def _words(words: str, *, exact: bool = False) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{words})(?!\w)", 0 if exact else re.IGNORECASE)


# Language -> what gives away the one and the other form, in the order (tu, vous). Polite words that are capitals of
# other words count only within a sentence.
FORMS: Mapping[str, tuple[re.Pattern[str], re.Pattern[str]]] = {
    "fr": (
        _words(r"tu|toi|te|t['\u2019](?=\w)|ton|ta|tes|tien|tienne|tiens|tiennes"),
        _words("vous|votre|vos|vôtre|vôtres"),
    ),
    "de": (
        _words(r"du|dich|dir|dein(?:e[mnrs]?)?"),
        re.compile(r"(?<=[a-zäöüß,] )(?:Sie|Ihnen|Ihr(?:e[mnrs]?)?)(?!\w)"),
    ),
    "es": (_words("tú|ti|contigo|tu|tus"), _words("usted|ustedes")),
    "it": (_words("tu|ti|tuo|tua|tuoi|tue"), re.compile(r"(?<=[a-zàèéìòù,] )(?:Lei|Suo|Sua|Suoi|Sue)(?!\w)")),
    "nl": (_words("je|jij|jou|jouw"), _words("u|uw")),
}


class Tone(Rule):
    """`brand.tone.address` says how customers are addressed; here a text does it otherwise."""

    code = "tone"
    level = "hint"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        address = (workspace.plan.brand.get("tone") or {}).get("address") or "vous"
        other = "tu" if address == "vous" else "vous"
        seen: set[Problem] = set()
        for shown in workspace.shown:
            forms = FORMS.get(shown.locale.partition("_")[0])
            wrong = forms[0 if other == "tu" else 1] if forms is not None else None
            for word in _found(shown, wrong) if wrong is not None else ():
                place, width = written_at(workspace, shown, re.compile(rf"(?<!\w){re.escape(word)}(?!\w)"))
                text = f"'{word}' says {other}, and this brand says {address}."
                hint = f"Write it with {address}; brand: tone: address decides, in every language that has both."
                problem = self.in_text(workspace, place, width, text, hint)
                if problem not in seen:
                    seen.add(problem)
                    yield problem


def _found(shown: Shown, wrong: re.Pattern[str]) -> Iterator[str]:
    """The words that give it away, each once; what the associate reads is said to the associate."""
    parts = shown.rendered.parts if shown.rendered is not None else {}
    said = [text for text in texts(shown) if text != parts.get("associate")]
    yield from dict.fromkeys(found[0] for text in said for found in wrong.finditer(text))
