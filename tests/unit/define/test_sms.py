"""SMS parts are counted as operators count them."""

from __future__ import annotations

import pytest

from engine.define.checks.sms import segments


@pytest.mark.parametrize(
    ("text", "parts", "sign"),
    [
        ("", 0, ""),
        ("a" * 160, 1, ""),  # a lone message needs no header
        ("a" * 161, 2, ""),
        ("a" * 306, 2, ""),
        ("a" * 307, 3, ""),
        ("é" * 160, 1, ""),  # é is in the short alphabet, ê is not
        ("ê" * 70, 1, "ê"),
        ("ê" * 71, 2, "ê"),
        ("€" * 80, 1, ""),  # an escaped sign takes two
        ("€" * 81, 2, ""),
        ("a" * 152 + "€" + "a" * 152, 3, ""),  # and is not torn apart between two parts
        ("🎉" * 35, 1, "🎉"),  # nor is an emoji
        ("🎉" * 67, 3, "🎉"),
    ],
)
def test_parts(text: str, parts: int, sign: str) -> None:
    assert segments(text) == (parts, sign)
