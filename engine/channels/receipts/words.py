"""What a customer means who answers a text message with one word."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from engine.model.receipt import Means

# Accents are taken off before one looks here. The language is the one in which an answer is given.
STOP = {
    "en": "stop stopall unsubscribe unsub cancel end quit optout revoke remove",
    "fr": "arret arreter arretez desabo desabonner desabonnez desabonnement desinscrire desinscription",
    "es": "baja parar cancelar alto",
    "de": "stopp stoppen abmelden abbestellen",
    "it": "ferma annulla cancellami disiscrivi",
    "nl": "afmelden uitschrijven",
    "pt": "sair pare remover",
}
START = {"en": "start unstop restart optin", "fr": "reprendre reabonner", "es": "alta", "de": "anmelden"}
HELP = {"en": "help info", "fr": "aide", "es": "ayuda", "de": "hilfe", "it": "aiuto", "pt": "ajuda"}
# Whoever begins with these and says little more ("stop sms", "Stop please!") means them.
PLAIN = frozenset({"stop", "stopp", "unsubscribe", "arret", "desabo"})
FEW = 3
# Said with it, and meaning nothing.
POLITE = frozenset(
    {"please", "pls", "plz", "thanks", "thx", "svp", "stp", "merci", "bitte", "danke", "favor", "grazie"}
)
LONGEST = 1_600  # characters of a text that are kept: as many as ten text messages have
_MOST = 20  # words that are looked at
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


class Meaning(NamedTuple):
    """`means` is '' for any other text."""

    means: Means
    locale: str = ""


def one_text(text: str) -> str:
    """What somebody wrote, as it is kept: without signs that control anything, line ends as '\\n'."""
    return _CONTROL.sub(" ", text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n")).strip()


def plain(text: str) -> str:
    """The words of a text in small letters, without accents and punctuation: 'Oui, merci !' -> 'oui merci'."""
    small = unicodedata.normalize("NFKD", text[:1_000]).casefold()
    return " ".join(re.findall(r"[^\W_]+", "".join(sign for sign in small if not unicodedata.combining(sign))))


def meaning(text: str) -> Meaning:
    """What a text means: a keyword alone, in any case, with or without accents and punctuation."""
    words = [word for word in plain(text).split()[:_MOST] if word not in POLITE]
    alone = "".join(words)  # 'stop all', 'opt-out', 'S.T.O.P'
    if not alone:
        return Meaning("")
    tables: tuple[tuple[Means, dict[str, str]], ...] = (("stop", STOP), ("start", START), ("help", HELP))
    for means, table in tables:
        for locale, listed in table.items():
            if alone in listed.split() or (len(words) <= FEW and words[0] in PLAIN and words[0] in listed.split()):
                return Meaning(means, locale)
    return Meaning("")
