"""What every answer says to the browser: nothing from elsewhere, nothing inline, no frames, no caches."""

from __future__ import annotations

from collections.abc import Mapping

_BASE = "default-src 'none'; base-uri 'none'; form-action 'self'"
PAGE_POLICY = (
    f"{_BASE}; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; "
    "frame-ancestors 'none'"
)
# A message as it looks, in a frame of our own pages: it may look as it likes, and do and fetch nothing.
FRAME_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'unsafe-inline'; img-src data:; "
    "frame-ancestors 'self'; sandbox"
)


def headers(framed: bool = False) -> Mapping[str, str]:
    """For a page; with `framed` for what is shown in a frame of one."""
    return {
        "Content-Security-Policy": FRAME_POLICY if framed else PAGE_POLICY,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN" if framed else "DENY",
        "X-Robots-Tag": "noindex, nofollow",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
