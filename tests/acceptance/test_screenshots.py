"""The pictures of the README show the shipped message as it is, in a real browser."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import pytest

from engine.define.folder import compile_folder
from scripts import console_screenshots, people_screenshots, report_screenshots
from scripts.screenshots import IMAGES, ROOT, SHOTS, Shot, board, take
from tests.acceptance.browser import Browser


def look(file: Path) -> tuple[int, int, int]:
    """Width, height, and how many different bytes the picture is made of."""
    data = file.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    at, pixels = 8, b""
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"IDAT":
            pixels += data[at + 8 : at + 8 + size]
        at += size + 12
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"), len(set(zlib.decompress(pixels)))


@pytest.mark.parametrize("shot", [*SHOTS, *report_screenshots.SHOTS], ids=lambda shot: shot.name)
def test_each_picture_is_there_is_small_and_is_not_blank(shot: Shot | report_screenshots.Shot) -> None:
    file = IMAGES / f"{shot.name}.png"
    width, height, colours = look(file)

    assert width == shot.width
    assert height > 600
    assert colours > 100
    assert file.stat().st_size < 150_000


def test_every_picture_is_shown_and_has_the_script_that_takes_it() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = {name for page in pages for name in re.findall(r"images/([\w-]+)\.png", page.read_text("utf-8"))}
    scripts = (report_screenshots, console_screenshots, people_screenshots)
    taken = {shot.name for shot in SHOTS} | {shot.name for script in scripts for shot in script.SHOTS}
    assert shown == {file.stem for file in IMAGES.glob("*.png")} == taken | {"till"}


def test_a_report_stands_in_a_phone_and_no_part_of_it_is_kept_back_by_its_own_policy(tmp_path: Path) -> None:
    text = report_screenshots.shown()
    with Browser() as browser:
        for shot in report_screenshots.SHOTS:
            file = report_screenshots.take(browser, text, shot, tmp_path)
            assert look(file)[:2] == (shot.width, shot.height)
            assert browser.look("document.documentElement.scrollWidth") <= shot.width
            assert browser.look("getComputedStyle(document.querySelector('.card')).borderTopWidth") == "1px"
            assert browser.look("[...document.querySelectorAll('svg')].every(each => each.clientWidth > 200)")


def test_a_picture_is_made_of_what_the_message_says_now(tmp_path: Path) -> None:
    shot = next(each for each in SHOTS if (each.locale, each.width) == ("fr", 390))
    page = board(compile_folder(ROOT).sound(), shot)
    with Browser() as browser:
        file = take(browser, page, shot, tmp_path)
        width, height, colours = look(file)

        assert (width, colours > 100) == (390, True)
        assert height > 1_000
        assert browser.look("document.documentElement.scrollWidth") <= 390  # nothing sticks out of a phone
        frame = "document.querySelector('iframe').contentDocument"
        assert browser.look(f"{frame}.documentElement.scrollWidth") <= 390
        assert browser.look(f"{frame}.documentElement.lang") == "fr"
        assert browser.look(f"{frame}.querySelectorAll('h1').length") == 1
        assert browser.look(f"[...{frame}.images].every(image => image.alt && image.width && image.height)")
        assert browser.look(f"[...{frame}.querySelectorAll('table')].every(table => table.role === 'presentation')")
    text = page.replace("\xa0", " ")
    for said in ("Votre panier vous attend", "2 articles vous sont réservés.", "154,00 €", "STOP au 36180"):
        assert said in text
