"""Turns what went wrong inside a template into a sentence for the person who wrote it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from types import TracebackType

from jinja2 import TemplateNotFound, TemplateSyntaxError
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError

from engine.render.filters import FILTER_NAMES
from engine.render.links import UnknownLink
from engine.render.meter import TooMuch
from engine.render.missing import MissingValue
from engine.render.mjml import BadLayout
from engine.render.outside import EmptyPool

_FOLDER = "templates/"


def explain(fault: BaseException, templates: Mapping[str, str], fallback: str) -> tuple[str, str]:
    """(place, sentence) of a fault; `fallback` is the file to name when no template line is known."""
    if isinstance(fault, TemplateSyntaxError):
        return f"{fault.filename or fallback}:{fault.lineno}", syntax(fault)
    path, line = _place(fault.__traceback__)
    place = f"{path}:{line}" if path else fallback
    if isinstance(fault, BadLayout):
        return f"templates/layouts/email/html.mjml.j2:{fault.line}", fault.reason
    if isinstance(fault, MissingValue):
        lines = templates.get(path.removeprefix(_FOLDER), "").splitlines()[max(line - 1, 0) : line + 5]
        return place, _missing(fault, lines)
    if isinstance(fault, TemplateNotFound):
        return place, f"there is no template '{fault.name}'."
    if isinstance(fault, EmptyPool | TooMuch | UnknownLink | TypeError | ValueError):
        return place, str(fault)
    if isinstance(fault, SecurityError):
        return place, f"this is not allowed in a message: {fault}."
    if isinstance(fault, RecursionError):
        return place, "it includes or calls itself without end."
    return place, f"{type(fault).__name__}: {fault}"


def syntax(fault: TemplateSyntaxError) -> str:
    """Jinja's own words, and for an unknown filter those that messages may use."""
    words = (fault.message or "this is not Jinja").rstrip(".")
    unknown = re.match(r"No filter named '(.*)'", words)
    if unknown:
        return f"there is no filter '{unknown[1]}'. {_meant(unknown[1], FILTER_NAMES)}"
    return f"{words}."


def _place(trace: TracebackType | None) -> tuple[str, int]:
    """The deepest line of a message in the traceback; failing that, of any template."""
    message = template = ("", 0)
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.startswith(_FOLDER):
            template = (name, trace.tb_lineno)
            if name.startswith(_FOLDER + "messages/"):
                message = template
        trace = trace.tb_next
    return message if message[0] else template


def _missing(fault: MissingValue, lines: list[str]) -> str:
    name, owner = fault.name, fault.owner
    if isinstance(owner, TemplateModule):
        known = [key for key in vars(owner) if not key.startswith("_")]
        return f"there is no ui.{name}. {_meant(name, known, 'ui.')}"
    expression, rest = _written(name, lines)
    known = [str(key) for key in owner] if isinstance(owner, Mapping) else []
    near = [key for key in get_close_matches(name, known, 1) if key != name]
    if near:
        return f"{expression} is missing. Did you mean '{near[0]}'?"
    instead = '_("there")' if "name" in (rest or name) else '_("...")'
    return f"{expression} is missing. Write what to say without it: {{{{ {expression}{rest}|default({instead}) }}}}"


def _written(name: str, lines: list[str]) -> tuple[str, str]:
    """The expression as the author wrote it: ("customer", ".first_name") when it is customer that is missing."""
    if name:
        pattern = re.compile(rf"((?:[A-Za-z_][\w.\[\]]*\.)?\b{re.escape(name)}\b)(?!\s*=[^=])((?:\.\w+)*)")
    else:
        pattern = re.compile(r"(?<=\{\{)\s*([\w.\[\]]+)()")
    for line in lines:
        found = pattern.search(line)
        if found:
            return found[1], found[2]
    return name or "this value", ""


def _meant(name: str, known: list[str], prefix: str = "") -> str:
    near = get_close_matches(name, known, 1)
    if near:
        return f"Did you mean '{prefix}{near[0]}'?"
    return f"There is: {', '.join(sorted(prefix + key for key in known))}."
