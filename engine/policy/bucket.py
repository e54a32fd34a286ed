"""Sticky chance: a hash of who and what for, never a random number."""

from __future__ import annotations

from hashlib import sha256

from engine.model.profile import Assigned, Profile


def share(salt: str, unit: str) -> float:
    """A number in [0, 1) that is always the same for this salt and unit: sha256(salt | unit)."""
    digest = sha256(f"{salt}|{unit}".encode()).digest()
    return int.from_bytes(digest[:7], "big") / (1 << 56)


def held_out(profile: Profile, journey: str, holdout: float, global_holdout: float, now: int) -> str:
    """Why this customer is held out of this journey ('global_holdout' or 'holdout'), '' when not.

    What was said the first time is kept in `profile.arms` and stays, unless the holdout is given up altogether.
    """
    for name, word, size in (("*", "global_holdout", global_holdout), (journey, "holdout", holdout)):
        if not size:
            continue
        key = f"{name}/holdout:"
        if key not in profile.arms:
            out = share(f"holdout:{name}", profile.id) < size
            profile.arms[key] = Assigned(word if out else "", now)
        if profile.arms[key].arm:
            return word
    return ""
