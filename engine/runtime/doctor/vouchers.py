"""The pools of voucher codes: a message that finds its pool empty does not leave."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model.words import Words
from engine.runtime.doctor.finding import Finding, Patient, bad, ok, warn


def vouchers(patient: Patient) -> Iterator[Finding]:
    """Each pool that the plan declares: is there enough left?"""
    from engine.runtime.plans import PublishedPlans

    fingerprint = patient.store.pulse().plan
    if not fingerprint:
        return
    pools = patient.store.vouchers.pools(PublishedPlans(patient.store).at(fingerprint).plan)
    for pool in pools:
        found = Words(
            "{free:,} codes of {total:,} are left in {name}", free=pool.free, total=pool.total, name=pool.name
        )
        do = Words("Load more: parcours vouchers load {name} FILE", name=pool.name)
        if not pool.free:
            yield bad("vouchers", found, Words("Its messages do not leave. {do}", do=do))
        elif pool.free < pool.low:
            yield warn("vouchers", found, do)
        else:
            yield ok("vouchers", found)
