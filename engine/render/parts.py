"""The channels and the parts each of them needs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a channel's rendering.

    layout    path under templates/ of the layout that takes the message's blocks
    form      which components/<form>.j2 stands behind `ui`
    markup    values are HTML-escaped and lines stay as they are
    one_line  white space is folded to single spaces
    limit     the most characters a provider or a reader will take
    signs     curly quotes, dashes and dots become plain ones
    needs     the block without which this part would be empty ('' when it may be)
    only      the block without which it is empty, and need not be rendered ('' = none)
    """

    name: str
    layout: str
    form: str = "text"
    markup: bool = False
    one_line: bool = True
    limit: int = 300
    signs: bool = False
    needs: str = ""
    only: str = ""


CHANNELS: dict[str, tuple[Part, ...]] = {
    "email": (
        Part("subject", "layouts/email/subject.j2", needs="headline"),
        Part("preheader", "layouts/email/preheader.j2"),
        Part(
            "html",
            "layouts/email/html.mjml.j2",
            form="email",
            markup=True,
            one_line=False,
            limit=200_000,
            needs="headline",
        ),
        Part("text", "layouts/email/text.j2", one_line=False, limit=100_000, needs="headline"),
    ),
    "push": (
        Part("title", "layouts/push/title.j2", limit=200, needs="headline"),
        Part("body", "layouts/push/body.j2", limit=1_000, needs="summary"),
        Part("link", "layouts/push/link.j2", form="link", limit=2_000),
    ),
    "sms": (Part("text", "layouts/sms/text.j2", form="link", limit=1_530, signs=True, needs="summary"),),
    "store": (
        Part("title", "layouts/store/title.j2", form="store", limit=200, needs="headline"),
        Part("body", "layouts/store/body.j2", form="store", one_line=False, limit=4_000, needs="summary"),
        Part("associate", "layouts/store/associate.j2", form="store", one_line=False, limit=2_000),
        Part("link", "layouts/store/link.j2", form="link", limit=2_000),
    ),
}

# How an action looks where a customer looks (`card`), and where a person speaks to one (`talk`): what a placement
# is told. Parts that a message says nothing of are empty.
_CARD = (
    Part("image", "layouts/card/image.j2", form="picture", limit=2_000, only="image"),
    Part("price", "layouts/card/price.j2", limit=60, only="price"),
    Part("button", "layouts/card/button.j2", form="store", limit=100, only="action"),
    Part("link", "layouts/push/link.j2", form="link", limit=2_000, only="action"),
)
PLACES: dict[str, tuple[Part, ...]] = {
    "card": (
        Part("title", "layouts/card/title.j2", form="store", limit=200, needs="headline"),
        Part("body", "layouts/card/body.j2", form="store", limit=1_000),
        *_CARD,
    ),
    "talk": (*CHANNELS["store"][:3], *_CARD),
}
EVERYWHERE: dict[str, tuple[Part, ...]] = {**CHANNELS, **PLACES}

FORMS = tuple(sorted({part.form for parts in EVERYWHERE.values() for part in parts}))
MARKUP_FORMS = frozenset(part.form for parts in CHANNELS.values() for part in parts if part.markup)
EMAIL_LAYOUT = "layouts/email/html.mjml.j2"
MARKUP_COMPONENTS = tuple(f"components/{form}.j2" for form in sorted(MARKUP_FORMS))
