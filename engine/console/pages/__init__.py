"""All pages of the console, each in a file of its own: a list, nothing is found by magic."""

from __future__ import annotations

from engine.console.page import Page
from engine.console.pages.audit import AUDIT
from engine.console.pages.start import START

PAGES: tuple[Page, ...] = (*START, *AUDIT)
