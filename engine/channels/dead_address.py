"""What a mail server's answer says of the recipient's address: whether it is worth another try.

5.1.x speaks of addresses, but 5.1.0 of anything, and 5.1.7 and 5.1.8 of the sender's; 5.2.1 is a mailbox that is
closed, 5.4.1 a recipient whom his own server refuses, 5.4.4 a domain without a server. All else (5.7.1: a policy,
5.2.2: full) may change.
"""

from __future__ import annotations

import re

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_DEAD = re.compile(r"5\.(1\.(?!(?:0|7|8)$)\d+|2\.1|4\.1|4\.4)")
_REPLY = re.compile(r"\s*(?:[\w.-]+;\s*)?55[013]\b")  # '550 ...', 'smtp; 550 ...'


def exact_status(*texts: str) -> str:
    """The first enhanced status (RFC 3463) in these texts that says more than '5.0.0'; '' when there is none."""
    return next((each[0] for text in texts for each in _STATUS.finditer(text) if each[0] != "5.0.0"), "")


def is_dead(said: str, status: str = "") -> bool:
    """Whether an answer says that nobody is there. `said` is the recipient's server's own word, which is more exact
    than the `status` that another server made of it; without any, the reply code decides."""
    exact = exact_status(said, status)
    return _DEAD.fullmatch(exact) is not None if exact else _REPLY.match(said) is not None
