"""Reading a request's body with bounds, and as JSON with a clear error."""

from __future__ import annotations

import json
import zlib
from codecs import BOM_UTF8
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request

from engine.api.problem import Refused
from engine.model.words import Words

LARGEST = 5_000_000
GZIP = 16 + zlib.MAX_WBITS


async def read_bytes(request: Request, largest: int = LARGEST, said: str = "") -> bytes:
    """The body as it came. Raises Refused 413 (too large: `said`), 400 (cut off)."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > largest:
        raise _too_large(said)
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > largest:
                raise _too_large(said)
            chunks.append(chunk)
    except ClientDisconnect:  # nobody reads the answer: this keeps it from being an error of ours
        raise Refused(400, "Cut off", Words("The request ended before its body did.")) from None
    return b"".join(chunks)


async def read_body(request: Request, largest: int = LARGEST, said: str = "") -> bytes:
    """The body as its sender wrote it, before gzip, of no more than `largest` bytes.

    Raises Refused 413 (too large: `said`), 400 or 415 (cannot be unpacked).
    """
    packed = request.headers.get("content-encoding", "identity").strip().lower()
    if packed not in ("identity", "gzip"):
        raise Refused(
            415,
            "Not unpacked",
            Words("The body is packed as '{packed}': send it plain, or packed by gzip.", packed=packed[:40]),
        )
    body = await read_bytes(request, largest, said)
    return _unpacked(body, largest, said) if packed == "gzip" else body


async def read_json(request: Request) -> Any:
    """The decoded body. Raises Refused 413 (too large), 400 (not UTF-8, not JSON), 415 (not packed by gzip)."""
    return as_json(await read_body(request))


def as_json(body: bytes) -> Any:
    """What a body says. Raises Refused 400 (nothing, not UTF-8, not JSON)."""
    body = body.removeprefix(BOM_UTF8)  # some programs begin every text with it
    if not body.strip():
        raise Refused(400, "No body", Words("The request has no body: JSON is wanted."))
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise Refused(
            400, "Not UTF-8", Words("Byte {start} of the body is no UTF-8 text.", start=fault.start)
        ) from None
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as fault:
        try:
            return _mended(body)
        except (ValueError, RecursionError):
            raise Refused(400, "Not JSON", Words("The body is not JSON: {fault}.", fault=fault)) from None


def _mended(body: bytes) -> Any:
    """What a body says in which text was cut in the middle of a character: '?' stands for the half that is left.

    Browsers send such text, and one word should not cost a whole batch. Raises ValueError for what is no JSON.
    """
    return msgspec.json.decode(json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8", "replace"))


def _unpacked(body: bytes, largest: int, said: str) -> bytes:
    """Without gzip; no more than `largest` bytes are ever made of it."""
    reader = zlib.decompressobj(GZIP)
    try:
        found = reader.decompress(body, largest + 1)
    except zlib.error:
        raise Refused(400, "Not gzip", Words("The body is said to be packed by gzip, and is not.")) from None
    if len(found) > largest:
        raise _too_large(said)
    if not reader.eof:
        raise Refused(400, "Not gzip", Words("The body is packed by gzip, and its end is missing."))
    return found


def _too_large(said: str) -> Refused:
    said = said or f"A request may have {LARGEST:,} bytes. Send the events in several batches."
    return Refused(413, "Too large", said)
