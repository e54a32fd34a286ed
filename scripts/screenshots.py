"""The pictures of the README: one event, its message on four channels.

Make them again: python -m scripts.screenshots (needs Chromium).
"""

from __future__ import annotations

import base64
import sys
from html import escape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from engine.define.folder import compile_folder
from engine.define.workspace import Compiled
from engine.render.preview.page import framed
from engine.render.preview.personas import FULL, Maker
from tests.acceptance.browser import Browser

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
EVENT, MESSAGE = "basket_updated", "basket_reminder"
WORDS = {
    "en": {"email": "E-mail", "push": "Push", "sms": "SMS", "store": "In store", "say": "To say", "to": "to me"},
    "fr": {"email": "E-mail", "push": "Push", "sms": "SMS", "store": "En boutique", "say": "À dire", "to": "à moi"},
}
# Drawn, so that the pictures need nobody's photographs.
DRAWN = {
    "boots": "<path d='M44 30h26v34l28 10q6 3 6 12H40q-4-2-3-8z' fill='#8a5a3b'/>"
    "<path d='M36 86h68v8H36z' fill='#3c2a1e'/>",
    "socks": "<path d='M54 26h24v42q0 6 6 9l14 7q6 4 3 12-2 4-8 4H72q-16-2-18-18z' fill='#7d8f86'/>"
    "<path d='M54 26h24v10H54z' fill='#c2683c'/>",
}


class Shot(NamedTuple):
    """One picture: what the file is called, the language, how wide, light or dark."""

    name: str
    locale: str
    width: int
    scheme: str


SHOTS = tuple(
    Shot(f"basket-{locale}-{kind}{'-dark' if scheme == 'dark' else ''}", locale, width, scheme)
    for locale in ("en", "fr")
    for kind, width in (("desktop", 1280), ("phone", 390))
    for scheme in ("light", "dark")
    if scheme == "light" or locale == "en"
)


def renderings(compiled: Compiled, locale: str) -> dict[str, dict[str, str]]:
    """The parts of the message on each channel, for a customer of whom everything is known."""
    roots = {**Maker(compiled.plan, locale).roots(FULL, [EVENT], []), "journey": "abandoned_basket"}
    channels = ("email", "push", "sms", "store")
    return {name: compiled.renderer.render(MESSAGE, name, locale, roots).parts for name in channels}


def board(compiled: Compiled, shot: Shot) -> str:
    """The page that is photographed."""
    parts, words = renderings(compiled, shot.locale), WORDS[shot.locale]
    brand = str(compiled.plan.brand["name"])
    colours = compiled.plan.brand["colours"]
    email = f"""<div class="window"><div class="head"><i class="logo">{escape(brand[0])}</i><div>
      <b>{escape(brand)}</b> <small>{words["to"]}</small><h2>{escape(parts["email"]["subject"])}</h2>
      <small>{escape(parts["email"]["preheader"])}</small></div></div>
      <iframe srcdoc="{escape(_pictured(parts["email"]["html"]))}"></iframe></div>"""
    push = f"""<div class="screen"><div class="note"><p><i class="logo">{escape(brand[0])}</i>{escape(brand)}
      <small>14:30</small></p><b>{escape(parts["push"]["title"])}</b>
      <div>{escape(parts["push"]["body"])}</div></div></div>"""
    sms = f"""<div class="thread"><small>{escape(brand)} · 14:30</small>
      <div class="bubble">{escape(parts["sms"]["text"])}</div></div>"""
    lines = "".join(f"<p>{escape(line)}</p>" for line in parts["store"]["body"].split("\n") if line.strip())
    store = f"""<div class="tablet"><h3>{escape(parts["store"]["title"])}</h3>{lines}
      <aside><b>{words["say"]}</b>{escape(parts["store"]["associate"])}</aside></div>"""
    cards = {"email": email, "push": push, "sms": sms, "store": store}
    sections = [f'<section class="{name}"><h1>{words[name]}</h1>{card}</section>' for name, card in cards.items()]
    style = Path(__file__).with_suffix(".css").read_text("utf-8")
    for name, colour in colours.items():
        style = style.replace(f"${name};", f"{colour};")
    kind = "wide" if shot.width > 600 else "narrow"
    rest = "".join(sections[1:])
    return f"""<!doctype html><html lang="{shot.locale}" class="{kind} {shot.scheme}"><meta charset="utf-8">
      <style>{style}</style><main>{sections[0]}<div class="side">{rest}</div></main></html>"""


def take(browser: Browser, page: str, shot: Shot, folder: Path) -> Path:
    """Photograph a page at the width of the shot."""
    source, file = folder / f"{shot.name}.html", folder / f"{shot.name}.png"
    source.write_text(page, "utf-8")
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": shot.scheme}])
    browser.call("Emulation.setDeviceMetricsOverride", width=shot.width, height=800, deviceScaleFactor=1, mobile=False)
    browser.open(source.as_uri())
    frame = "document.querySelector('iframe')"
    browser.until(f"{frame}.contentDocument.readyState === 'complete'")
    browser.look(f"{frame}.style.height = '0'")
    browser.look(f"{frame}.style.height = {frame}.contentDocument.documentElement.scrollHeight + 'px'")
    height = int(browser.look("Math.ceil(document.documentElement.getBoundingClientRect().height)"))
    clip = {"x": 0, "y": 0, "width": shot.width, "height": height, "scale": 1}
    found = browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
    file.write_bytes(base64.b64decode(found["data"]))
    source.unlink()
    return file


def _pictured(html: str) -> str:
    """The e-mail for a frame, its products drawn."""
    for name, drawing in DRAWN.items():
        ground = "<rect y='-10' width='140' height='140' fill='#eceae3'/>"
        svg = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 -10 140 140'>{ground}{drawing}</svg>"
        html = html.replace(f"https://fernhill.example/images/{name}.jpg", "data:image/svg+xml," + quote(svg))
    return framed(html)


def main(names: list[str]) -> None:
    """Take all pictures, or those named."""
    compiled = compile_folder(ROOT).sound()
    IMAGES.mkdir(parents=True, exist_ok=True)
    with Browser() as browser:
        for shot in SHOTS:
            if not names or shot.name in names:
                file = take(browser, board(compiled, shot), shot, IMAGES)
                print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
