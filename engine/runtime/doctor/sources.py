"""The way in for other programs: sources that nobody could sign for, and what they have sent that is no event."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model.words import Words
from engine.runtime import keys
from engine.runtime.doctor.finding import Finding, Patient, bad, ok, warn
from engine.runtime.plans import PublishedPlans


def sources(patient: Patient) -> Iterator[Finding]:
    """Each source with what it lacks; how much of what came is set aside."""
    current = patient.store.pulse().plan
    declared = PublishedPlans(patient.store).at(current).plan.sources if current else {}
    for name, source in sorted(declared.items()):
        secret = source.signature.secret if source.signature is not None else ""
        if secret and not patient.settings.secrets_of(secret):
            do = Words('Set PARCOURS_SOURCE_SECRETS="{secret}=..." where the HTTP interface runs.', secret=secret)
            yield bad(
                Words("source {name}", name=name),
                Words("all it sends is answered 503: no secret '{secret}' is set", secret=secret),
                do,
            )
        else:
            yield ok(Words("source {name}", name=name), Words("signed") if secret else Words("let in by an API key"))
    aside = patient.store.redis.xlen(keys.REFUSED)
    if aside:
        do = Words(
            "`parcours dead list` has the reasons; teach the source the word, deploy, and `parcours dead replay`."
        )
        yield warn(
            "sent by sources",
            Words("{aside:,} that are no event of the vocabulary are set aside", aside=aside),
            do,
        )
