"""The pools of voucher codes: a message that finds its pool empty does not leave."""

from __future__ import annotations

from collections.abc import Iterator

from engine.runtime.doctor.finding import Finding, Patient, bad, ok, warn


def vouchers(patient: Patient) -> Iterator[Finding]:
    """Each pool that the plan declares: is there enough left?"""
    from engine.runtime.plans import PublishedPlans

    fingerprint = patient.store.pulse().plan
    if not fingerprint:
        return
    pools = patient.store.vouchers.pools(PublishedPlans(patient.store).at(fingerprint).plan)
    for pool in pools:
        found = f"{pool.free:,} codes of {pool.total:,} are left in {pool.name}"
        do = f"Load more: parcours vouchers load {pool.name} FILE"
        if not pool.free:
            yield bad("vouchers", found, f"Its messages do not leave. {do}")
        elif pool.free < pool.low:
            yield warn("vouchers", found, do)
        else:
            yield ok("vouchers", found)
