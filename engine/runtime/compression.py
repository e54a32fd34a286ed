"""Compressing what is kept: one format, by the quickest that this machine has. `zlib.decompress` reads it."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial


def _by_zlib(data: bytes) -> bytes:
    # A window of 8 KiB and small tables: the copy is as small as with the usual 256 KiB of memory, which would have to
    # be cleared for each letter and takes three times as long where others use the processor's cache as well.
    packer = zlib.compressobj(1, zlib.DEFLATED, 13, 5)
    return packer.compress(data) + packer.flush()


try:
    from isal import isal_zlib
except ImportError:  # there is none for this machine
    compressed: Callable[[bytes], bytes] = _by_zlib
else:
    compressed = partial(isal_zlib.compress, level=0)  # a fifth of the time
