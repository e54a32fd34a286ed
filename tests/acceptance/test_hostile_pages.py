"""What strangers write into their profiles, as a real browser sees it: on every page that shows it, it stays a text.

The pages are opened from files, so that no policy of a header stands between an injection and its success.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.channels.masked import masked
from engine.channels.providers.outbox_page import page as outbox_page
from engine.define.workspace import compile_sources
from engine.model.message import Outgoing, Rendered
from engine.render.preview.build import build
from engine.render.preview.page import page as preview_page
from engine.render.preview.personas import FULL, Maker
from tests.acceptance.browser import Browser
from tests.contract.shop import sources
from tests.unit.journeys.starter import starter

RUN = "window.pwned=1;top.pwned=1"
HOSTILE = (
    f"<script>{RUN}</script><img src=x onerror='{RUN}'><svg/onload={RUN}>",
    f"\"'><script>{RUN}</script>\" onmouseover={RUN} autofocus onfocus={RUN} x='",
    f"</title></style></textarea></pre></script><script>{RUN}</script><!--",
    f"javascript:{RUN}",
    f"}}</style><style>*{{background:url(javascript:{RUN})}}</style>",
    "&lt;script&gt;&#60;script&#62;<\x00script>\u202e<script",
    "</mj-text></td></table></body></html><iframe srcdoc='<script>top.pwned=1</script>'>",
    "]]><?xml version='1.0'?><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
)
SEEN = """(doc => ({
  pwned: window.pwned === undefined ? 0 : 1,
  handlers: [...doc.querySelectorAll('*')].filter(e => [...e.attributes].some(a => a.name.startsWith('on'))).length,
  scripts: doc.scripts.length, frames: doc.querySelectorAll('iframe,object,embed').length,
  links: [...doc.links].filter(a => !/^(https?:|mailto:|tel:|file:)/.test(a.href)).map(a => a.href),
  pictures: [...doc.images].filter(i => !/^(https:|data:)/.test(i.src)).map(i => i.src),
}))"""
NOTHING = {"pwned": 0, "handlers": 0, "scripts": 0, "frames": 0, "links": [], "pictures": []}


def hostile(value: Any, word: str) -> Any:
    """Plain data, every text in it replaced but for what names an item of the catalogue."""
    if isinstance(value, dict):
        return {name: each if name in ("sku", "store") else hostile(each, word) for name, each in value.items()}
    if isinstance(value, list):
        return [hostile(each, word) for each in value]
    return word if isinstance(value, str) else value


def test_no_page_runs_what_a_profile_holds(tmp_path: Path) -> None:
    shop = starter().renderer
    with Browser() as browser:

        def look(html: str) -> dict[str, Any]:
            file = tmp_path / "page.html"
            file.write_text(html, "utf-8", errors="surrogatepass")
            browser.open(file.as_uri())
            found: dict[str, Any] = browser.look(f"{SEEN}(document)")
            return found

        for word, message in ((" ".join(HOSTILE), "basket_reminder"), (HOSTILE[3], "welcome")):
            roots = hostile(Maker(starter().plan, "fr").roots(FULL, ["basket_updated"], []), word)
            shown = shop.render(message, "email", "fr", {**roots, "journey": word})
            assert look(shown.parts["html"]) == NOTHING
            rendered = Rendered(message, "email", "fr", shown.parts)
            outgoing = Outgoing(word, word, word, word, word, word, message, "email", word, word, 0, None, rendered)
            assert look(outbox_page(outgoing, word)[1]) == NOTHING
            choice = {"id": "a", "value": "a/b", "on": True, "how": word, "label": word, "address": masked("sms", word)}
            page: dict[str, Any] = {"lang": "fr", "languages": [], "groups": [{"title": word, "choices": [choice]}]}
            page |= {"may_grant": True, "form": "f", "done": False, "purpose": word, "address": masked("email", word)}
            for name in ("preferences", "unsubscribe"):
                assert look(shop.page(name, "fr", {**page, "said": "saved", "other": "/p/x"})) == NOTHING, name


def test_the_preview_of_hostile_people_and_templates_runs_nothing(tmp_path: Path) -> None:
    built = compile_sources(sources(brand="brand: {name: Fernhill, locale: en}")).sound()
    people = {word: {"customer_id": word} for word in HOSTILE}
    brand = {**built.plan.brand, "personas": people, "name": HOSTILE[0]}
    html = preview_page(build(replace(built.plan, brand=brand), built.renderer))
    assert html.count("window.pwned") > 100
    file = tmp_path / "preview.html"
    file.write_text(html, "utf-8", errors="surrogatepass")
    with Browser() as browser:
        browser.open(file.as_uri())
        browser.until("document.querySelectorAll('iframe').length > 0")
        seen = browser.look(f"{SEEN}(document)")
        assert (seen["pwned"], seen["handlers"], seen["scripts"], seen["pictures"]) == (0, 0, 1, [])
        assert browser.look(
            "[...document.querySelectorAll('iframe')]"
            ".every(f => f.hasAttribute('sandbox') && !f.sandbox.contains('allow-scripts'))"
        )
