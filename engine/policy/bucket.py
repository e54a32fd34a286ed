"""Sticky chance: a hash of who and what for, never a random number."""

from __future__ import annotations

from hashlib import sha256


def share(salt: str, unit: str) -> float:
    """A number in [0, 1) that is always the same for this salt and unit: sha256(salt | unit)."""
    digest = sha256(f"{salt}|{unit}".encode()).digest()
    return int.from_bytes(digest[:7], "big") / (1 << 56)


def held_out(journey: str, holdout: float, global_holdout: float, profile: str) -> str:
    """Why this customer is held out of this journey ('global_holdout' or 'holdout'), '' when not."""
    if global_holdout and share("holdout:*", profile) < global_holdout:
        return "global_holdout"
    if holdout and share(f"holdout:{journey}", profile) < holdout:
        return "holdout"
    return ""
