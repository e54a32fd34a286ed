"""E-mail: whether others can verify what we sign."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.model.words import Words
from engine.runtime.doctor.finding import Finding, Patient, bad, ok, warn
from engine.runtime.signing import signing

SECONDS = 5.0  # for name servers


def mail(patient: Patient) -> Iterator[Finding]:
    """Is the public half of the key that signs e-mail (DKIM) where others look for it?"""
    from engine.runtime.plans import PublishedPlans

    fingerprint = patient.store.pulse().plan
    if patient.settings.dkim_key is None or not fingerprint:
        return
    sender = PublishedPlans(patient.store).at(fingerprint).plan.brand.get("sender") or {}
    signer = signing(patient.settings, str(sender.get("email", "")))
    if signer is None:
        return
    do = Words("Publish a TXT record {name}: {record}", name=signer.name, record=signer.record)
    try:
        said = txt(signer.name)
    except LookupError as fault:
        yield warn("DKIM", Words("{name} could not be looked up: {fault}", name=signer.name, fault=fault), do)
        return
    if not said:
        yield bad("DKIM", Words("nothing is published at {name}: signatures count for nothing", name=signer.name), do)
    elif _key(signer.record) not in [_key(each) for each in said]:
        yield bad(
            "DKIM",
            Words("another key than ours is published at {name}: our signatures are refused", name=signer.name),
            do,
        )
    else:
        yield ok("DKIM", Words("our key is published at {name}", name=signer.name))


def txt(name: str) -> list[str]:
    """The TXT records of a name. Raises LookupError when nobody can be asked."""
    try:
        import dns.exception
        import dns.resolver
    except ImportError:
        raise LookupError(Words("dnspython is not installed")) from None
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError, ValueError) as fault:
        raise LookupError(" ".join(str(fault).split())[:200] or type(fault).__name__) from None
    return [b"".join(each.strings).decode("utf-8", "replace") for each in answer]


def _key(record: str) -> str:
    """The key that a record holds, which may be broken into pieces; '' for one that was withdrawn, or is none."""
    found = re.search(r"(?:^|;)\s*p\s*=\s*([A-Za-z0-9+/=\s]*)", record)
    return re.sub(r"\s", "", found[1]) if found is not None else ""
