"""A message that says one thing on one channel and another on the next."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

from engine.define.checks.persona import Shown
from engine.define.checks.rule import Rule, Workspace
from engine.define.checks.too_long import block_of
from engine.model.problem import Place, Problem

_ADDRESS = re.compile(r"\b[a-zA-Z][\w+.-]*://\S+")
_LINKED = re.compile(r'href="([^"]+)"')
_SPACES = re.compile(r"\s+")
_NUMBER = r"\d[\d.,\s\u00a0\u202f]*\d|\d"
# What a customer could hold a shop to: kind -> how it is written.
KINDS: Mapping[str, re.Pattern[str]] = {
    "the price": re.compile(rf"(?:[€$£¥]\s?(?:{_NUMBER})|(?:{_NUMBER})\s?(?:€|\$US|£|CHF))"),
    "the percentage": re.compile(rf"(?:{_NUMBER})\s?%"),
    "the time": re.compile(r"(?<![\d:])\d{1,2}(?::|\s?h\s?)\d{2}(?![\d:])"),
}
# The block that is written for one channel alone.
_OWN = {"sms": "text", "push": "body", "store": "associate"}


class ChannelsDiffer(Rule):
    """The e-mail says it all: a price, a percentage or a time that it does not have, or a link to another place."""

    code = "channels_differ"

    def find(self, workspace: Workspace) -> Iterator[Problem]:
        whole = {_same(shown): shown for shown in workspace.shown if shown.channel == "email"}
        told: set[tuple[str, ...]] = set()
        for shown in workspace.shown:
            email = whole.get(_same(shown))
            if email is None or shown.channel == "email" or shown.use.spec.message in workspace.faulty:
                continue
            for what, text in _differ(workspace, shown, email):
                if (shown.file, shown.channel, what) in told:
                    continue  # in another language, or from another journey
                told.add((shown.file, shown.channel, what))
                line, column, width = block_of(workspace, shown.use.spec.message, shown.channel, _OWN[shown.channel])
                hint = "Say the same on all channels: leave the block out, or read both from one place."
                yield self.in_text(workspace, Place(shown.file, line, column), width, text, hint)


def _same(shown: Shown) -> tuple[object, ...]:
    use = shown.use
    return (use.spec.message, use.written.journey.name, use.purpose.transactional, shown.locale)


def _differ(workspace: Workspace, shown: Shown, email: Shown) -> Iterator[tuple[str, str]]:
    """(what differs, a sentence)."""
    if shown.rendered is None or email.rendered is None:
        return
    full, short = email.rendered.parts, shown.rendered.parts
    legal = set((workspace.plan.brand.get("legal") or {}).get(shown.channel, {}).values())
    said = _plain(" ".join(text for name, text in short.items() if name != "link"), legal)
    known = _plain(f"{full.get('subject', '')} {full.get('preheader', '')} {full.get('text', '')}")
    for kind, pattern in KINDS.items():
        there = {_SPACES.sub("", found): found.strip() for found in pattern.findall(known)}
        here = {_SPACES.sub("", found): found.strip() for found in pattern.findall(said)}
        for value in sorted(here.keys() - there.keys()) if there else ():
            instead = " and ".join(sorted(there.values()))
            yield kind, f"{kind} is {here[value]} on {shown.channel} in {shown.locale}, and {instead} in the e-mail."
    links = {_target(unescape(each)) for each in _LINKED.findall(full.get("html", ""))}
    for address in _ADDRESS.findall(" ".join([short.get("link", ""), *(short.values() if "text" in short else ())])):
        if links and _target(address) not in links:
            yield "the link", f"the link on {shown.channel} leads to {_target(address)}, and none in the e-mail does."


def _plain(text: str, without: set[str] | frozenset[str] = frozenset()) -> str:
    """A text without addresses and legal lines, in which numbers mean something else."""
    for line in without:
        text = text.replace(" ".join(line.split()), " ")
    return _ADDRESS.sub(" ", text)


def _target(address: str) -> str:
    """Where an address leads: without what only says which campaign it came from."""
    parts = urlsplit(address)
    query = urlencode([(key, value) for key, value in parse_qsl(parts.query) if not key.startswith("utm_")])
    return f"{parts.scheme}://{parts.netloc}{parts.path}{'?' + query if query else ''}"
