"""The way out: providers that are left alone, and messages of which nobody knows whether they arrived."""

from __future__ import annotations

from collections.abc import Iterator

from engine.channels.plugged import schemes
from engine.model.words import Words
from engine.runtime.doctor.finding import Finding, Patient, bad, ok, span, warn
from engine.runtime.leftovers import count_doubtful

DAY, LONG = 86_400_000, 60_000  # ms


def providers(patient: Patient) -> Iterator[Finding]:
    """The circuit breakers, and the messages that are listed as doubtful."""
    pulse = patient.store.pulse()
    now = pulse.time.server_now()
    shut = {name: each for name, each in pulse.breakers.items() if each.open}
    for name, each in sorted(shut.items()):
        found = Words(
            "{word} for {now} after {row} failures in a row",
            word=each.word(now),
            now=span(now - each.open),
            row=each.row,
        )
        do = Words(
            "It is tried again by itself; see whether the provider has an outage, or the settings changed. "
            "It last said: {said}",
            said="".join(sign if sign.isprintable() else " " for sign in each.said) or "-",  # a stranger's words
        )
        yield (bad if each.down(now, LONG) else warn)(Words("provider {name}", name=name), found, do)
    if not shut:
        yield ok("providers", Words("none is left alone"))
    yield from _plugged()
    yield _doubtful(patient, now)


def _plugged() -> Iterator[Finding]:
    """What other distributions bring. Whether it works is asked when a setting names it."""
    for scheme, whose in sorted(schemes().items()):
        if len(whose) > 1:
            yield bad(
                Words("provider {scheme}://", scheme=scheme),
                Words("{whose} both bring it", whose=" and ".join(whose)),
                Words("Uninstall one of them."),
            )
        else:
            yield ok(Words("provider {scheme}://", scheme=scheme), Words("brought by {whose}", whose=whose[0]))


def _doubtful(patient: Patient, now: int) -> Finding:
    kept, fresh = count_doubtful(patient.store, now - DAY)
    if not kept:
        return ok("doubtful messages", Words("none"))
    do = Words(
        "`parcours messages` lists them; ask the provider whether these ids arrived. Promotions are not sent again."
    )
    found = Words(
        "{kept:,} may have arrived, or arrived twice; {fresh:,} of them since yesterday", kept=kept, fresh=fresh
    )
    return warn("doubtful messages", found, do) if fresh else ok("doubtful messages", found)
