"""The examination: every check, one after the other; a check that fails is a finding, not the end."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model.errors import ParcoursError
from engine.model.words import N_, Words
from engine.runtime.doctor.archive import archive
from engine.runtime.doctor.around import broker, clock, crew, disk, learning, plan, rules
from engine.runtime.doctor.counted import counted
from engine.runtime.doctor.decisions import learned
from engine.runtime.doctor.finding import Check, Finding, Patient, bad
from engine.runtime.doctor.mail import mail
from engine.runtime.doctor.providers import providers
from engine.runtime.doctor.servers import servers
from engine.runtime.doctor.sources import sources
from engine.runtime.doctor.vouchers import vouchers
from engine.runtime.doctor.work import work
from engine.runtime.store import StoreError

CHECKS: tuple[tuple[str, Check], ...] = (
    (N_("state"), servers),
    (N_("broker"), broker),
    (N_("workers"), crew),
    (N_("plan"), plan),
    (N_("providers"), providers),
    (N_("mail"), mail),
    (N_("sources"), sources),
    (N_("clock"), clock),
    (N_("work"), work),
    (N_("counts"), counted),
    (N_("vouchers"), vouchers),
    (N_("archive"), archive),
    (N_("learning"), learning),
    (N_("durable-rules"), rules),
    (N_("learned"), learned),
    (N_("disk"), disk),
)


def examine(patient: Patient) -> Iterator[Finding]:
    """All findings, in the order in which they are best read."""
    for name, check in CHECKS:
        try:
            yield from check(patient)
        except (StoreError, ParcoursError, OSError) as fault:
            said = " ".join(str(fault).split())[:300]
            yield bad(
                name,
                Words("could not be looked at: {name}: {said}", name=type(fault).__name__, said=said),
                Words("Mend that first."),
            )
