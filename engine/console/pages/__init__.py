"""All pages of the console, each in a file of its own: a list, nothing is found by magic."""

from __future__ import annotations

from engine.console.page import Page
from engine.console.pages.audit import AUDIT
from engine.console.pages.decisions import DECISIONS
from engine.console.pages.health import HEALTH
from engine.console.pages.journey import JOURNEY
from engine.console.pages.journeys import JOURNEYS
from engine.console.pages.letters import LETTERS
from engine.console.pages.machine import MACHINE
from engine.console.pages.messages import MESSAGES
from engine.console.pages.people import PEOPLE
from engine.console.pages.person import PERSON
from engine.console.pages.reports import REPORTS
from engine.console.pages.start import START

PAGES: tuple[Page, ...] = (
    *START,
    *JOURNEYS,
    *JOURNEY,
    *PEOPLE,
    *PERSON,
    *LETTERS,
    *MESSAGES,
    *DECISIONS,
    *HEALTH,
    *MACHINE,
    *REPORTS,
    *AUDIT,
)
