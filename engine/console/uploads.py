"""A form that brings a file (multipart/form-data), as browsers send it: anything else is refused.

It is cut at its boundary and nowhere else, so what it costs grows with its length alone.
"""

from __future__ import annotations

from email.message import Message
from email.parser import BytesHeaderParser

from engine.api.problem import Refused
from engine.model.words import Words

LARGEST = 4_000_000  # bytes of such a form
MOST = 50  # fields
HEAD = 2_000  # bytes of a field's own headers


def is_upload(content_type: str) -> bool:
    """Whether a form of this type may bring a file."""
    return content_type.partition(";")[0].strip().lower() == "multipart/form-data"


def too_large() -> Words:
    """What is said of a larger file."""
    return Words("A file may have up to {largest:,} bytes here: parcours simulate takes any.", largest=LARGEST)


def fields(body: bytes, content_type: str) -> dict[str, str]:
    """The fields of a form, each as text. Raises Refused 400 (no such form), 422 (a file that is no text)."""
    head = Message()
    head["Content-Type"] = content_type
    mark = head.get_param("boundary")
    if not isinstance(mark, str) or not 0 < len(mark) <= 70 or not mark.isascii():
        raise _no_form()
    parts = (b"\r\n" + body).split(b"\r\n--" + mark.encode(), MOST + 1)[1:]
    if not parts or not parts[-1].startswith(b"--"):
        raise _no_form()
    return dict(_field(part) for part in parts[:-1])


def _field(part: bytes) -> tuple[str, str]:
    head, gap, content = part.partition(b"\r\n\r\n")
    if not gap or len(head) > HEAD:
        raise _no_form()
    name = BytesHeaderParser().parsebytes(head.lstrip(b"\r\n")).get_param("name", "", "content-disposition")
    if not isinstance(name, str) or not name:
        raise _no_form()
    try:
        return name, content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(422, "Not text", Words("This file is no text in UTF-8: it has one event a line.")) from None


def _no_form() -> Refused:
    return Refused(400, "Not a form", Words("Send the form of the page."))
