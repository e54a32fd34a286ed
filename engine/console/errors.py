"""What a page says when something is not as it should be: what was found, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from starlette.exceptions import HTTPException

from engine.api.problem import Refused
from engine.model.errors import ParcoursError, SetupError
from engine.runtime.store import StoreError
from engine.runtime.voice import Voice


def unhappy(fault: Exception, voice: Voice) -> tuple[int, str, str]:
    """Status, title and a sentence for a fault, in the words of `voice`."""
    _ = voice.say
    if isinstance(fault, Refused):
        return fault.status, _title(fault.status, _), voice.name(fault.detail)
    if isinstance(fault, StoreError):
        detail = _("The store does not answer. Nothing is lost: look again in a moment.")
        return 503, _("The store is away"), detail
    if isinstance(fault, SetupError):
        return 503, _("Not ready yet"), voice.tell(fault.words)
    if isinstance(fault, ParcoursError):
        return 409, _("This does not fit"), voice.tell(fault.words)
    if isinstance(fault, HTTPException):
        return fault.status_code, _title(fault.status_code, _), ""
    return 500, _("A fault of the engine"), _("It is in the engine's log. What you see elsewhere is not affected.")


def _title(status: int, _: Callable[[str], str]) -> str:
    known = {
        403: _("You may not do this"),
        404: _("There is no such page"),
        405: _("This cannot be done here"),
        413: _("Too large"),
        429: _("Too often"),
    }
    return known.get(status) or HTTPStatus(status).phrase
