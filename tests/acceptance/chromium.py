"""Debian's Chromium, driven by Playwright: a page of the console as somebody sees it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.acceptance.browser import NAMES

DESKTOP, PHONE = (1360, 900), (390, 844)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window; skips the test where there is none."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("needs a real browser: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


class Watched:
    """A page, all that it asked for and all that it complained about."""

    def __init__(self, browser: Browser, base: str, *, locale: str = "en", size: tuple[int, int] = DESKTOP) -> None:
        self.base = base
        self.context = browser.new_context(
            locale=locale, viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce"
        )
        self.page: Page = self.context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda fault: self.complaints.append(str(fault)))

    def _said(self, message: Any) -> None:
        # a status that is no success is said by the page itself
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def sign_in(self, key: str) -> None:
        self.open("/sign-in")
        self.page.fill("#key", key)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/console/")

    def open(self, path: str) -> None:
        self.page.goto(f"{self.base}/console{path}")

    def strangers(self) -> list[str]:
        """What was asked of anybody else."""
        return [url for url in self.asked if not url.startswith((self.base, "data:", "about:"))]

    def close(self) -> None:
        self.context.close()
